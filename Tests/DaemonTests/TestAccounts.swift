import Foundation
import Glibc
import Synchronization

/// Names of test accounts. They hold the process that made them, so that what it left behind, if it was killed, is
/// known for that.
enum TestAccounts {
  private static let last = Atomic(0)
  private static let swept = Mutex(false)

  static func newName() throws -> String {
    try swept.withLock { isDone in
      if !isDone { try sweep() }
      isDone = true
    }
    return "fumi-test-\(getpid())-\(last.add(1, ordering: .relaxed).newValue)"
  }

  /// Removes accounts whose process is gone.
  private static func sweep() throws {
    for (database, command) in [("passwd", ["/usr/sbin/userdel", "--force"]), ("group", ["/usr/sbin/groupdel"])] {
      for line in try Shell.run("/usr/bin/getent", [database]).output.split(separator: "\n") {
        let name = String(line.prefix { $0 != ":" })
        let parts = name.split(separator: "-")
        guard name.hasPrefix("fumi-test-"), parts.count == 4, let process = pid_t(parts[2]), kill(process, 0) != 0
        else {
          continue
        }
        // Another run may sweep at the same time.
        try Shell.run(command[0], command.dropFirst() + [name], mayFail: true)
      }
    }
  }
}
