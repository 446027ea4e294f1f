import ArgumentParser
import RateReduction

/// What an ablation changes in the training of mcr2; the rest is as the product trains.
struct TrainingKnobs: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Weight of the rate reduction in the training of mcr2; 0: distillation alone (default: as the product trains).",
      valueName: "β"))
  var rateWeight: Float?

  @Option(
    help: ArgumentHelp(
      "Weight of the distillation in the training of mcr2; 0: rate reduction alone (default: as the product trains).",
      valueName: "weight"))
  var distillationWeight: Float?

  @Option(
    help: ArgumentHelp(
      "Pseudo-queries of a passage: its title, then sentences (default: \(Self.defaultPseudoQueries)).", valueName: "n")
  )
  var pseudoQueries: Int?

  @Option(help: ArgumentHelp("Steps of the training of mcr2 (default: as the product trains).", valueName: "n"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Neighbourhoods that a step of the training of mcr2 draws from; 0: random passages alone (default: as the product "
        + "trains).", valueName: "n"))
  var neighbourhoods: Int?

  private static let defaultPseudoQueries = TrainingOptions().pseudoQueriesPerPassage

  /// Of a passage.
  var pseudoQueryCount: Int { pseudoQueries ?? Self.defaultPseudoQueries }

  /// Puts in what was asked for; `rate` is the term that the training in question uses.
  func apply(to options: inout TrainingOptions, rate: WritableKeyPath<TrainingOptions, TrainingOptions.RateTerm>) {
    if let rateWeight { options[keyPath: rate].weight = rateWeight }
    if let distillationWeight { options.distillationWeight = distillationWeight }
    options.pseudoQueriesPerPassage = pseudoQueryCount
    if let steps { options.steps = steps }
    if let neighbourhoods { options.neighbourhoods = neighbourhoods }
  }

  func validate() throws {
    for (name, value) in [("--rate-weight", rateWeight), ("--distillation-weight", distillationWeight)] {
      if let value, !(value >= 0 && value.isFinite) {
        throw ValidationError("\(name): got \(value), expected 0 or more")
      }
    }
    if rateWeight == 0, distillationWeight == 0 {
      throw ValidationError("--rate-weight 0 with --distillation-weight 0 leaves nothing to train by")
    }
    if let pseudoQueries, pseudoQueries < 1 {
      throw ValidationError("--pseudo-queries: got \(pseudoQueries), expected 1 or more")
    }
    if let neighbourhoods, neighbourhoods < 0 {
      throw ValidationError("--neighbourhoods: got \(neighbourhoods), expected 0 or more")
    }
    if let steps, steps < 1 { throw ValidationError("--steps: got \(steps), expected 1 or more") }
  }
}
