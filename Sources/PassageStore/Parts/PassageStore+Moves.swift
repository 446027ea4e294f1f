import Foundation
import GRDB
import LinuxSystem
package import SystemPackage

extension PassageStore {
  /// Renames in one transaction, a directory with all below it in one statement, and replaces what was at the target.
  ///
  /// What is pending at or below `from` becomes pending at its new path too. It stays pending at the old one with a new
  /// generation: work on it that is under way may still store a file at the old path, and looking again removes it.
  package func move(share: Int64, from: FilePath, to: FilePath, directory: Bool) throws(StoreError) -> MovedFiles {
    guard !from.isEmpty, !to.isEmpty, from == to || !from.starts(with: to) && !to.starts(with: from) else {
      throw .invalid(
        what: "a move", got: "\(from) to \(to)", expected: "two paths of which neither is the root or above the other")
    }
    return try write { db in
      if from == to {
        return MovedFiles(
          files: try Self.files(share: share, at: to, directory: directory, db), replaced: RemovedFiles())
      }
      guard let root = try db.row("SELECT root FROM share WHERE id = ?", [share], { StoredColumns.path($0, 0) }) else {
        throw StoreError.unknownShare(share)
      }
      let replaced = try Self.removeAll(share: share, under: to, db)
      try Self.moveJobs(share: share, from: from, to: to, directory: directory, db)
      if directory {
        let below = from.blobsBelow
        // The bytes after the old prefix go behind the new one. "||" makes a text of two BLOBs and leaves its bytes.
        try db.run(
          """
          UPDATE file SET path = CAST(? || substr(path, ?) AS BLOB) WHERE share = ? AND path >= ? AND path < ?
          """, [to.blob, from.blob.count + 1, share, below.from, below.to])
        try Self.moveDirectories(from: root.pushing(from), to: root.pushing(to), db)
      } else {
        try db.run("UPDATE file SET path = ? WHERE share = ? AND path = ?", [to.blob, share, from.blob])
      }
      let files = try Self.files(share: share, at: to, directory: directory, db)
      // Not from where: who may read the file now need not have been able to see its old folder.
      for file in files { try Self.note("moved", share: share, path: file.path, db) }
      return MovedFiles(files: files, replaced: replaced)
    }
  }

  private static func files(share: Int64, at path: FilePath, directory: Bool, _ db: Database) throws -> [FileRow] {
    guard directory else { return try file(share: share, path: path, db).map { [$0] } ?? [] }
    var files: [FileRow] = []
    try forEachFile(share: share, under: path, db) { files.append($0) }
    return files
  }

  /// Paths are absolute.
  private static func moveDirectories(from: FilePath, to: FilePath, _ db: Database) throws {
    let below = from.blobsBelow
    try db.run("UPDATE directory SET path = ? WHERE path = ?", [to.blob, from.blob])
    try db.run(
      "UPDATE directory SET path = CAST(? || substr(path, ?) AS BLOB) WHERE path >= ? AND path < ?",
      [to.blob, from.blob.count + 1, below.from, below.to])
  }

  private static func moveJobs(
    share: Int64, from: FilePath, to: FilePath, directory: Bool, _ db: Database
  ) throws {
    typealias Pending = (id: Int64, path: Data, cause: Int, notBefore: Int64, attempts: Int)
    let map = { (row: Row) -> Pending in (row[0], row[1], row[2], row[3], row[4]) }
    var pending = try db.rows(
      "SELECT id, path, cause, not_before, attempts FROM job WHERE share = ? AND path = ?", [share, from.blob], map)
    if directory {
      let below = from.blobsBelow
      pending += try db.rows(
        "SELECT id, path, cause, not_before, attempts FROM job WHERE share = ? AND path >= ? AND path < ?",
        [share, below.from, below.to], map)
    }
    for job in pending {
      try db.run("UPDATE job SET generation = generation + 1 WHERE id = ?", [job.id])
      try enqueue(
        JobRequest(
          share: share, path: FilePath(bytes: to.blob + job.path.dropFirst(from.blob.count)),
          cause: JobCause(rawValue: job.cause) ?? .content, notBefore: job.notBefore),
        attempts: job.attempts, db)
    }
  }
}
