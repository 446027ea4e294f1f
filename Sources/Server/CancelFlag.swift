import Synchronization

/// Set once nobody waits for a call any more; read by the thread that carries it out.
final class CancelFlag: Sendable {
  private let flag = Atomic(false)

  var isSet: Bool { flag.load(ordering: .relaxed) }

  func set() { flag.store(true, ordering: .relaxed) }
}
