import Foundation
import GRDB
import LinuxSystem
import SystemPackage

/// How our values stand in columns, so that no two places differ about it.
enum StoredColumns {
  static let attributes = "kind, size, mtime_ns, ctime_ns, inode, dev, mode, uid, gid, acl"
  static let file =
    "id, share, path, \(attributes), content_hash, read_at, state, type, title, stale, partial, reason, detail, attempts, passages"
  static let share = "id, name, root, dev, epoch, (SELECT hash FROM model WHERE model.id = share.model)"
  static let job = "id, share, path, cause, generation, attempts"
  static let vector = "id, key, components, scale"
  static let projector =
    "id, version, parent, state, method, dimensions, bits, recipe, seed, corpus_fingerprint, profile, reason, created, (SELECT hash FROM model WHERE model.id = projector.model)"

  static func values(of attributes: FileAttributes) -> [(any DatabaseValueConvertible)?] {
    [
      attributes.kind.rawValue, attributes.size, attributes.modified, attributes.changed,
      Int64(bitPattern: attributes.inode), Int64(bitPattern: attributes.device), Int64(attributes.mode),
      Int64(attributes.userID), Int64(attributes.groupID), attributes.acl.map { Data($0) },
    ]
  }

  /// Reads the columns `attributes` from `first` on.
  static func attributes(_ row: Row, from first: Int) -> FileAttributes {
    FileAttributes(
      kind: FileKind(rawValue: row[first]) ?? .unknown, size: row[first + 1], modified: row[first + 2],
      changed: row[first + 3], inode: UInt64(bitPattern: row[first + 4]), device: UInt64(bitPattern: row[first + 5]),
      mode: UInt32(truncatingIfNeeded: row[first + 6] as Int64),
      userID: UInt32(truncatingIfNeeded: row[first + 7] as Int64),
      groupID: UInt32(truncatingIfNeeded: row[first + 8] as Int64),
      acl: (row[first + 9] as Data?).map { Array($0) })
  }

  /// Reads the columns `file`.
  static func file(_ row: Row) throws -> FileRow {
    FileRow(
      id: row[0], share: row[1], path: path(row, 2), attributes: attributes(row, from: 3),
      contentHash: (row[13] as Data?).flatMap { SHA256Digest(bytes: $0) }, readAt: row[14],
      state: try word(row[15], of: "file.state"), type: row[16], title: row[17], stale: row[18], partial: row[19],
      reason: row[20], detail: row[21], attempts: row[22], passages: row[23])
  }

  /// Reads the columns `share`.
  static func share(_ row: Row) throws -> ShareRow {
    ShareRow(
      id: row[0], name: row[1], root: path(row, 2), device: UInt64(bitPattern: row[3]), epoch: row[4],
      model: row[5] == nil ? nil : try digest(row, 5))
  }

  /// Reads the columns `job`.
  static func job(_ row: Row) throws -> Job {
    guard let cause = JobCause(rawValue: row[3]) else {
      throw StoreError.invalid(
        what: "job.cause", got: "\(row[3] as Int)", expected: "0 to \(JobCause.allCases.count - 1)")
    }
    return Job(id: row[0], share: row[1], path: path(row, 2), cause: cause, generation: row[4], attempts: row[5])
  }

  /// Reads the columns `vector`.
  static func vector(_ row: Row) throws -> StoredVector {
    let components: [Int8] = try row.withUnsafeData(atIndex: 2) { data in
      data.map { $0.withUnsafeBytes { Array($0.bindMemory(to: Int8.self)) } } ?? []
    }
    return StoredVector(id: row[0], key: try digest(row, 1), values: components, scale: Float(row[3] as Double))
  }

  /// Reads the columns `projector`.
  static func projector(_ row: Row) throws -> ProjectorRow {
    ProjectorRow(
      id: row[0], version: row[1], parent: row[2], state: try word(row[3], of: "projector.state"), method: row[4],
      dimensions: row[5], bits: row[6], recipe: row[7], seed: UInt64(bitPattern: row[8]), corpusFingerprint: row[9],
      profile: row[10], reason: row[11], created: row[12], model: try digest(row, 13))
  }

  static func path(_ row: Row, _ index: Int) -> FilePath { FilePath(bytes: row[index] as Data) }

  static func digest(_ row: Row, _ index: Int) throws -> SHA256Digest {
    let bytes: Data = row[index]
    guard let digest = SHA256Digest(bytes: bytes) else {
      throw StoreError.invalid(what: "a stored hash", got: "\(bytes.count) bytes", expected: "32 bytes")
    }
    return digest
  }

  private static func word<Value: RawRepresentable<String> & CaseIterable>(
    _ text: String, of column: String
  ) throws -> Value {
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw StoreError.invalid(what: column, got: text, expected: "one of \(known)")
    }
    return value
  }
}

extension FilePath {
  /// As it stands in a BLOB column.
  var blob: Data { Data(bytes) }

  /// The bytes of the paths below this one as a half-open range: "a/" up to "a0", as "0" follows "/". LIKE cannot be
  /// used: it takes "%" and "_" in names for patterns, and does not match BLOBs. Not for the empty path, which is
  /// above all others.
  var blobsBelow: (from: Data, to: Data) {
    precondition(!isEmpty, "every path is below the empty one")
    let bytes = blob
    if bytes == Data("/".utf8) { return (bytes, Data("0".utf8)) }
    return (bytes + Data("/".utf8), bytes + Data("0".utf8))
  }
}

extension SHA256Digest {
  /// As it stands in a BLOB column.
  var blob: Data { Data(bytes) }
}

extension String {
  /// SQLite's texts end at a NUL, so that one is kept as U+FFFD, which leaves all offsets in scalars as they are.
  var storable: String {
    utf8.contains(0) ? String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 })) : self
  }
}

extension Database {
  /// Executes a statement that is prepared once for the connection.
  func run(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws {
    try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
  }

  /// Maps each row of a statement that is prepared once for the connection.
  func rows<Value>(
    _ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = [], _ map: (Row) throws -> Value
  ) throws -> [Value] {
    let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    var values: [Value] = []
    while let row = try cursor.next() { values.append(try map(row)) }
    return values
  }

  /// Maps the first row, if there is one.
  func row<Value>(
    _ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = [], _ map: (Row) throws -> Value
  ) throws -> Value? {
    try Row.fetchOne(cachedStatement(sql: sql), arguments: StatementArguments(arguments)).map(map)
  }
}
