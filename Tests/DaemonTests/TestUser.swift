import Foundation
import Glibc

/// A user of the machine with a group of the same name, made for a test and removed after it. Needs root.
final class TestUser {
  let name: String
  let userID: uid_t
  let groupID: gid_t

  init() throws {
    name = try TestAccounts.newName()
    try Shell.run("/usr/sbin/useradd", ["--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", name])
    guard let entry = getpwnam(name) else { throw TestDaemon.Missing("useradd made no user \(name)") }
    userID = entry.pointee.pw_uid
    groupID = entry.pointee.pw_gid
  }

  deinit {
    // A process of theirs may be about to end. What userdel says is of no use here: it is tried again by the next run.
    _ = try? Shell.run("/usr/sbin/userdel", ["--force", name])
  }

  func join(_ group: TestGroup) throws { try Shell.run("/usr/sbin/usermod", ["-a", "-G", group.name, name]) }
  func leave(_ group: TestGroup) throws { try Shell.run("/usr/bin/gpasswd", ["-d", name, group.name]) }

  /// How to run a program as the user, with the groups that they have now.
  var prefix: [String] { ["/usr/bin/setpriv", "--reuid", name, "--regid", "\(groupID)", "--init-groups", "--"] }

  /// Those of `paths` that the user can open and read: what the kernel says.
  func readable(of paths: [String]) throws -> Set<String> {
    let script =
      #"while (<STDIN>) { chomp; my ($file, $byte); print "$_\n" if open($file, "<", $_) && defined read($file, $byte, 1) }"#
    let output = try Shell.run(
      prefix[0], Array(prefix.dropFirst()) + ["perl", "-e", script], input: paths.map { $0 + "\n" }.joined()
    ).output
    return Set(output.split(separator: "\n").map(String.init))
  }
}
