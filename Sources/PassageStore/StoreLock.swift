import Glibc
import LinuxSystem
import SystemPackage

/// Keeps a second daemon off the store: an flock on a file beside the database, which the kernel lets go of when the
/// process ends, however it ends.
final class StoreLock: Sendable {
  private let descriptor: CInt

  /// `path` is created where it does not exist; the process id is written into it for people.
  init(_ path: FilePath, of database: FilePath) throws(StoreError) {
    let opened = path.withPlatformString { open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
    guard opened >= 0 else { throw .system(LinuxError(call: "open", subject: path.string)) }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let failure = LinuxError(call: "flock", subject: path.string)
      var text = [UInt8](repeating: 0, count: 16)
      let count = max(0, read(opened, &text, text.count))
      close(opened)
      guard failure.code == .wouldBlock else { throw .system(failure) }
      throw .locked(path: database, holder: Int32(String(decoding: text.prefix(count), as: UTF8.self)))
    }
    descriptor = opened
    // A number that cannot be written is only missing from a message.
    let number = Array("\(getpid())".utf8)
    _ = ftruncate(opened, 0)
    _ = pwrite(opened, number, number.count, 0)
  }

  deinit { close(descriptor) }
}
