package import LinuxSystem

/// Why watching does not work, or cannot vouch for what it delivered.
package enum FileWatchingError: Error, Sendable, CustomStringConvertible {
  /// The watch process cannot be started.
  case program(LinuxError)
  /// The folder for cookies, or a cookie in it, cannot be opened or made.
  case cookie(LinuxError)
  /// Not everything had been delivered within the time that `synchronize` was given.
  case notSynchronized(after: Duration)
  case notRunning

  package var description: String {
    switch self {
    case .program(let error): "the watch process cannot be started: \(error)"
    case .cookie(let error): "the watched folder for cookies is not usable: \(error)"
    case .notSynchronized(let duration): "what happened before the call was not all delivered within \(duration)"
    case .notRunning: "the file watcher was stopped, or not started yet"
    }
  }
}
