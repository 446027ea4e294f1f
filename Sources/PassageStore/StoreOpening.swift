import Foundation
import GRDB
import Glibc
import LinuxSystem
import SystemPackage

/// The checks that come before the first write to a database.
enum StoreOpening {
  /// Databases up to this size are checked in full when they are opened; larger ones would delay the start, and are
  /// checked by `verify`, and by SQLite as their pages are used.
  static let quickCheckLimit: Int64 = 16 << 20

  /// Makes the directory, or closes it to others where it is our own.
  static func prepareDirectory(_ directory: FilePath) throws(StoreError) {
    if directory.withPlatformString({ mkdir($0, 0o700) }) == 0 { return }
    guard Errno(rawValue: errno) == .fileExists else {
      throw .system(LinuxError(call: "mkdir", subject: directory.string))
    }
    var status = stat()
    guard directory.withPlatformString({ stat($0, &status) }) == 0 else {
      throw .system(LinuxError(call: "stat", subject: directory.string))
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .system(LinuxError(call: "mkdir", subject: directory.string, code: .notDirectory))
    }
    guard status.st_mode & 0o077 != 0 else { return }
    // A sticky directory is one that others work in, as /tmp.
    guard status.st_uid == geteuid(), status.st_mode & S_ISVTX == 0 else {
      throw .insecureDirectory(path: directory, mode: status.st_mode & 0o7777, owner: status.st_uid)
    }
    guard directory.withPlatformString({ chmod($0, 0o700) }) == 0 else {
      throw .system(LinuxError(call: "chmod", subject: directory.string))
    }
  }

  /// Refuses what is not a database of ours in good order, by a connection that cannot write.
  static func check(_ path: FilePath) throws(StoreError) {
    guard let size = try size(of: path), size > 0 else { return }
    let expected = Array("SQLite format 3\0".utf8)
    let found = try firstBytes(of: path, count: expected.count)
    guard found == expected else { throw .notADatabase(path: path, found: found) }
    do {
      var configuration = configuration()
      configuration.readonly = true
      try DatabaseQueue(path: path.string, configuration: configuration).read { db in
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(
          db, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'")
        // The first start may have ended before its migration was committed.
        if tables == 0 && application == 0 { return }
        guard application == Schema.applicationID else {
          throw StoreError.foreignDatabase(
            path: path, foundApplicationID: application, expected: Schema.applicationID)
        }
        guard version <= Schema.version, try !Schema.migrator.hasBeenSuperseded(db) else {
          throw StoreError.newerSchema(path: path, found: version, supported: Schema.version)
        }
        guard size <= quickCheckLimit else { return }
        let problems = try String.fetchAll(db, sql: "PRAGMA quick_check(3)")
        guard problems == ["ok"] else {
          throw StoreError.corrupt(path: path, detail: problems.joined(separator: "; "))
        }
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// What every connection has in common.
  static func configuration() -> Configuration {
    var configuration = Configuration()
    configuration.label = "fumikura.store"
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { db in
      db.add(tokenizer: PassageTokenizer.self)
      try PassageRanking.add(to: db)
      db.add(function: PassageKey.function)
      // Deleted text is overwritten, not left in free pages.
      try db.execute(sql: "PRAGMA secure_delete = ON")
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
      try db.execute(sql: "PRAGMA cache_size = -4096")
      try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
    }
    return configuration
  }

  private static func size(of path: FilePath) throws(StoreError) -> Int64? {
    var status = stat()
    if path.withPlatformString({ stat($0, &status) }) == 0 { return Int64(status.st_size) }
    if Errno(rawValue: errno) == .noSuchFileOrDirectory { return nil }
    throw .system(LinuxError(call: "stat", subject: path.string))
  }

  private static func firstBytes(of path: FilePath, count: Int) throws(StoreError) -> [UInt8] {
    let opened = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
    guard opened >= 0 else { throw .system(LinuxError(call: "open", subject: path.string)) }
    let descriptor = OwnedDescriptor(opened)
    var bytes = [UInt8](repeating: 0, count: count)
    let got = read(descriptor.rawValue, &bytes, count)
    guard got >= 0 else { throw .system(LinuxError(call: "read", subject: path.string)) }
    return Array(bytes.prefix(got))
  }
}

extension StoreError {
  /// Says in our words what SQLite said about the database at `path`; our own errors pass.
  init(_ error: any Error, path: FilePath) {
    if let error = error as? StoreError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self = .database(code: -1, message: "\(error)", statement: nil)
      return
    }
    let detail = error.message ?? "\(error.extendedResultCode)"
    switch error.resultCode {
    case .SQLITE_CORRUPT: self = .corrupt(path: path, detail: detail)
    case .SQLITE_NOTADB: self = .corrupt(path: path, detail: "its header is not SQLite's: \(detail)")
    case .SQLITE_FULL: self = .full(path: path)
    case .SQLITE_IOERR: self = .inputOutput(path: path, detail: "\(detail) (\(error.extendedResultCode.rawValue))")
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path: path, holder: nil)
    default:
      self = .database(code: error.extendedResultCode.rawValue, message: detail, statement: error.sql)
    }
  }
}
