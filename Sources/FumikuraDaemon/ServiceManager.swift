import CSystemd
import Glibc

/// What systemd, or whoever plays it, gives the daemon and wants to hear (sd_notify(3), sd_listen_fds(3)).
/// Without it, every call does nothing.
enum ServiceManager {
  /// The listening socket that was passed, if one was. Throws where more than one was.
  static func listeningSocket() throws(ServiceManagerError) -> CInt? {
    let count = sd_listen_fds(1)
    guard count >= 0 else { throw ServiceManagerError(reason: "LISTEN_FDS cannot be read: errno \(-count)") }
    guard count <= 1 else { throw ServiceManagerError(reason: "\(count) sockets were passed, expected 1") }
    // SD_LISTEN_FDS_START, a macro.
    return count == 1 ? 3 : nil
  }

  static func notify(_ state: String) {
    // A manager that does not listen is no reason to stop.
    _ = sd_notify(0, state)
  }

  /// How often the manager wants to hear that the daemon lives, in microseconds; nil where it does not.
  static var watchdogMicroseconds: UInt64? {
    var interval: UInt64 = 0
    return sd_watchdog_enabled(0, &interval) > 0 ? interval : nil
  }
}

/// What the service manager passed is not usable.
struct ServiceManagerError: Error, CustomStringConvertible {
  let reason: String
  var description: String { reason }
}
