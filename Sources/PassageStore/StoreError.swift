package import LinuxSystem
package import SystemPackage

/// Why the store could not do what was asked.
package enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The database was made by a later version of the program.
  case newerSchema(path: FilePath, found: Int, supported: Int)
  /// The file is not an SQLite database at all. `found`: its first bytes.
  case notADatabase(path: FilePath, found: [UInt8])
  /// An SQLite database, but somebody else's.
  case foreignDatabase(path: FilePath, foundApplicationID: Int32, expected: Int32)
  /// A database whose pages contradict each other.
  case corrupt(path: FilePath, detail: String)
  /// Another process has the store open.
  case locked(path: FilePath, holder: Int32?)
  /// The state directory is open to others and is not ours to close.
  case insecureDirectory(path: FilePath, mode: UInt32, owner: UInt32)
  /// A system call on the directory or a file beside the database.
  case system(LinuxError)
  /// The file system has no room left. Nothing of the transaction was kept.
  case full(path: FilePath)
  /// The disk failed to read or write.
  case inputOutput(path: FilePath, detail: String)
  /// Passages name source vectors that are neither given nor stored: encode them and commit again.
  case missingVectors([SHA256Digest])
  case unknownShare(Int64)
  case unknownProjector(Int64)
  /// A projector cannot go from one state to the other.
  case impossibleTransition(projector: Int64, from: ProjectorState, to: ProjectorState)
  /// A value that the store does not take. `expected` says which it would.
  case invalid(what: String, got: String, expected: String)
  /// Anything else that SQLite said.
  case database(code: Int32, message: String, statement: String?)

  package var description: String {
    switch self {
    case .newerSchema(let path, let found, let supported):
      """
      \(path) has schema \(found), this program knows schemas up to \(supported): it was written by a later version. \
      Nothing was changed; install that version, or move the file away to index anew.
      """
    case .notADatabase(let path, let found):
      """
      \(path) is not an SQLite database: it begins with \(found), expected the bytes of "SQLite format 3". \
      Nothing was changed; move the file away to index anew.
      """
    case .foreignDatabase(let path, let found, let expected):
      "\(path) is an SQLite database of another program: its application id is \(found), expected \(expected)."
    case .corrupt(let path, let detail):
      "\(path) is damaged: \(detail). It is kept as it is; move it away to index anew."
    case .locked(let path, let holder):
      "\(path) is in use by \(holder.map { "process \($0)" } ?? "another process"): one daemon at a time."
    case .insecureDirectory(let path, let mode, let owner):
      """
      \(path) has mode 0\(String(mode, radix: 8)) and belongs to user \(owner); expected a directory of our own \
      that can be made 0700, as it holds everybody's text.
      """
    case .system(let error): error.description
    case .full(let path): "no space is left for \(path): the change was not kept, what was stored before is."
    case .inputOutput(let path, let detail): "reading or writing \(path) failed: \(detail)"
    case .missingVectors(let keys):
      "\(keys.count) passages name source vectors that are neither given nor stored, the first is \(keys[0])"
    case .unknownShare(let id): "no share has the id \(id)"
    case .unknownProjector(let id): "no projector has the id \(id)"
    case .impossibleTransition(let id, let from, let to): "projector \(id) is \(from) and cannot become \(to)"
    case .invalid(let what, let got, let expected): "\(what) is \(got), expected \(expected)"
    case .database(let code, let message, let statement):
      "SQLite error \(code): \(message)\(statement.map { " in: \($0)" } ?? "")"
    }
  }
}
