import Foundation
import GRDB
import Glibc
import LinuxSystem
package import SystemPackage

extension PassageStore {
  /// An online copy of the database as it is at one instant, which opens by itself. What was at `target` is replaced,
  /// once the copy is complete and on the disk.
  package func backup(to target: FilePath) throws(StoreError) {
    let partial = target.removingLastComponent().appending("\(target.lastComponent?.string ?? "backup").partial")
    for leftover in [partial] + Self.companions(of: partial) { try KeptFile.remove(leftover) }
    // Created before SQLite opens it, so that nobody else can open it.
    try KeptFile.create(partial)
    do {
      try copyPages(to: partial)
      try KeptFile.rename(partial, to: target)
    } catch {
      for leftover in [partial] + Self.companions(of: partial) { try KeptFile.remove(leftover) }
      throw error
    }
    for leftover in Self.companions(of: partial) { try KeptFile.remove(leftover) }
  }

  private static func companions(of database: FilePath) -> [FilePath] {
    ["-wal", "-shm", "-journal"].map { FilePath(bytes: database.bytes + Array($0.utf8)) }
  }
}
