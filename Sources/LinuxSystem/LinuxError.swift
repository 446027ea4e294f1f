package import SystemPackage
import Glibc

/// A system call that failed: which, on what, and why.
package struct LinuxError: Error, Hashable, CustomStringConvertible {
  package let call: String
  package let subject: String
  package let code: Errno

  package init(call: String, subject: String, code: Errno = Errno(rawValue: errno)) {
    self.call = call
    self.subject = subject
    self.code = code
  }

  package var description: String { "\(call) of \(subject) failed: \(code)" }
}
