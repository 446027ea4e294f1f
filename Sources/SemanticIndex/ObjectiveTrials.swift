package import RateReduction

/// Which training comes next, and which is kept, by what the trainings before it were worth. No training is done here.
///
/// First distillation alone, which the others are held against; then the best source of classes that there is. Where that
/// ranks held-out pseudo-queries worse beyond noise, the next is tried; at last, distillation alone is kept.
package struct ObjectiveTrials: Sendable {
  package enum Step: Sendable, Hashable {
    case train(ClassSource)
    case keep(ClassSource, reason: String)
  }

  private let candidates: [ClassSource]
  private var hasControl = false
  package private(set) var trials: [TrainingObjective.Trial] = []

  /// - Parameter order: best first; ``ClassSource/none`` is always among them, as the last.
  package init(order: [ClassSource]) { candidates = order.filter { $0 != .none } }

  /// Trainings at most.
  package var most: Int { candidates.count + 1 }
  package var done: Int { trials.count + (hasControl ? 1 : 0) }

  package var next: Step {
    guard hasControl else { return .train(.none) }
    if let last = trials.last, !last.isLoss {
      return .keep(last.classes, reason: "against distillation alone \(last.words)")
    }
    if trials.count < candidates.count { return .train(candidates[trials.count]) }
    let losses = trials.map { "\($0.classes.words) lose beyond noise: \($0.words)" }
    return .keep(.none, reason: losses.isEmpty ? "nothing else is asked for or there" : losses.joined(separator: "; "))
  }

  package mutating func noteControl() { hasControl = true }

  package mutating func note(_ trial: TrainingObjective.Trial) { trials.append(trial) }
}

extension TrainingObjective.Trial {
  /// "+0.0021 (−0.0010 to +0.0052), the wide codes +0.0004 (…)".
  package var words: String { "\(scanned)" + (wide.map { ", the wide codes \($0)" } ?? "") }
}
