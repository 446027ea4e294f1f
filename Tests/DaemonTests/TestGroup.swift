import Foundation
import Glibc

/// A group of the machine, made for a test and removed after it. Needs root.
final class TestGroup {
  let name: String
  let groupID: gid_t

  init() throws {
    name = try TestAccounts.newName()
    try Shell.run("/usr/sbin/groupadd", [name])
    guard let entry = getgrnam(name) else { throw TestDaemon.Missing("groupadd made no group \(name)") }
    groupID = entry.pointee.gr_gid
  }

  deinit {
    // As for a user.
    _ = try? Shell.run("/usr/sbin/groupdel", [name])
  }
}
