import Evaluation
import RateReduction

/// Trains with one choice of classes after another until one costs nothing (``ObjectiveTrials``).
struct ObjectiveTraining {
  let plan: ClassPlan
  let heldOut: ProjectorEvaluation
  let seed: UInt64

  /// - Parameter training: trains with one source; told how to reckon the share of one training as one of all.
  func train(
    _ training: (ClassSource, _ share: @escaping @Sendable (Double) -> Double) throws -> StagedTrainer.Trained
  ) throws -> (trained: StagedTrainer.Trained, objective: TrainingObjective) {
    var trials = ObjectiveTrials(order: plan.order)
    var trained: [ClassSource: StagedTrainer.Trained] = [:]
    while true {
      switch trials.next {
      case .train(let source):
        let (done, most) = (Double(trials.done), Double(trials.most))
        let made = try training(source) { (done + $0) / most }
        if let control = trained[.none] {
          trials.note(trial(source, made, against: control))
        } else {
          trials.noteControl()
        }
        trained[source] = made
      case .keep(let source, let reason):
        return (
          trained[source]!,
          TrainingObjective(classes: source, reason: reason, findings: plan.findings, trials: trials.trials)
        )
      }
    }
  }

  private func trial(
    _ source: ClassSource, _ made: StagedTrainer.Trained, against control: StagedTrainer.Trained
  ) -> TrainingObjective.Trial {
    func difference(_ a: ProjectorEvaluation.Score, _ b: ProjectorEvaluation.Score) -> PairedDifference {
      PairedDifference(of: a.gains, less: b.gains, units: heldOut.owners, seed: seed)
    }
    /// Of the second stage what is kept counts: whitened PCA where that ranks better.
    func kept(_ comparison: ProjectorEvaluation.Comparison) -> ProjectorEvaluation.Score {
      comparison.isBetter ? comparison.candidate : comparison.baseline
    }
    return TrainingObjective.Trial(
      classes: source, scanned: difference(made.comparison.candidate, control.comparison.candidate),
      wide: made.wideComparison.flatMap { a in control.wideComparison.map { difference(kept(a), kept($0)) } })
  }
}
