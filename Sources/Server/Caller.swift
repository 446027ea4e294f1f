package import LinuxSystem

/// Who asks, and how to tell them how far it is or learn that they no longer wait.
package struct Caller: Sendable {
  /// As the kernel knew them when the connection was accepted.
  package let credentials: Credentials
  /// Root, or a member of the administrators' group.
  package let isAdministrator: Bool
  private let cancelled: @Sendable () -> Bool
  private let progress: @Sendable (Double?, String?) -> Void

  package init(
    credentials: Credentials, isAdministrator: Bool, cancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (Double?, String?) -> Void = { _, _ in }
  ) {
    self.credentials = credentials
    self.isAdministrator = isAdministrator
    self.cancelled = cancelled
    self.progress = progress
  }

  /// Whether the caller has gone or cancelled the call. A long call looks now and then, and throws
  /// `ServiceError.cancelled` where so.
  package var hasCancelled: Bool { cancelled() }

  /// Sends a `$/progress` notification, at most a few a second, where the caller asked for them.
  /// - Parameter fraction: from 0 to 1; nil where the end cannot be told.
  package func report(fraction: Double?, message: String? = nil) { progress(fraction, message) }
}
