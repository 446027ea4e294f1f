import Glibc
import Synchronization

/// The named steps of one file's way, at which a test may ask the process to die as by `kill -9`.
///
/// `FUMIKURA_CRASH_AT=commit` in the environment kills the process when it first reaches that step; `commit:3` at the
/// third time. It is read once and costs a comparison; without the variable nothing happens.
package enum CrashPoint: String, CaseIterable, Sendable {
  case hintsReceived = "hints"
  case jobsQueued = "queued"
  case jobClaimed = "claimed"
  case attemptRecorded = "attempt"
  case contentHashed = "hashed"
  case textExtracted = "extracted"
  case passagesCut = "cut"
  case passagesEncoded = "encoded"
  case beforeCommit = "commit"
  case afterCommit = "committed"
  case projectorTrained = "trained"
  case projectorInserted = "inserted"
  case codesWritten = "codes"
  case projectorActivated = "activated"
  /// Some of a share's passages have vectors of its new model.
  case passagesReencoded = "reencoded"
  /// All have, and are about to take them.
  case beforeChangeOver = "change"
  case changedOver = "changed"

  private struct Plan {
    let point: CrashPoint
    let occurrence: Int
  }

  private static let plan: Plan? = {
    guard let value = getenv("FUMIKURA_CRASH_AT") else { return nil }
    let parts = String(cString: value).split(separator: ":")
    guard let name = parts.first, let point = CrashPoint(rawValue: String(name)) else { return nil }
    return Plan(point: point, occurrence: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
  }()
  private static let reached = Atomic<Int>(0)

  /// Marks that this step was reached.
  @inline(__always)
  package static func reach(_ point: CrashPoint) {
    guard let plan, plan.point == point else { return }
    if reached.add(1, ordering: .relaxed).newValue == plan.occurrence { kill(getpid(), SIGKILL) }
  }
}
