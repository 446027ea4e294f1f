import Foundation

/// Holds calls of a service in the middle until the test says go, so that nothing depends on how long things take.
package final class Gate: Sendable {
  private let arrivals = DispatchSemaphore(value: 0)
  private let passes = DispatchSemaphore(value: 0)

  package init() {}

  /// The service's side: says that it is here, and waits.
  package func pass() {
    arrivals.signal()
    passes.wait()
  }

  /// The test's side: waits until `count` calls are here. False after ten seconds.
  package func waitForArrivals(_ count: Int = 1) -> Bool {
    (0..<count).allSatisfy { _ in arrivals.wait(timeout: .now() + 10) == .success }
  }

  /// Lets `count` calls go on, also such as have not come yet.
  package func open(_ count: Int = 1) { for _ in 0..<count { passes.signal() } }
}
