import ArgumentParser
import Evaluation
import RateReduction

/// What an ablation tells the training of mcr2 to draw together.
struct ClassOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What the training of mcr2 draws together: pseudo, a passage with its pseudo-queries; none; or beside pseudo: labels \
      (of --labels); folders (with --pooled: the folders and the files of --distractors); files (ten lines of \
      --distractors); headings (passages of one title); neighbours (groups of passages near one another) (default: pseudo).
      """, valueName: "source"))
  var classes = ClassSource.pseudo

  @Option(
    help: ArgumentHelp(
      "Weight of the rate reduction of labels, folders, files, headings or neighbours (default: as the product trains).",
      valueName: "w"))
  var classWeight: Float?

  @Option(
    help: ArgumentHelp("For --classes labels: lines of label, tab and the id of a passage.", valueName: "file"),
    completion: .file())
  var labels: String?

  func validate() throws {
    if let classWeight {
      guard classes.hasClasses else {
        throw ValidationError("--class-weight is for --classes other than pseudo and none")
      }
      guard classWeight >= 0, classWeight.isFinite else {
        throw ValidationError("--class-weight: got \(classWeight), expected 0 or more")
      }
    }
    if classes == .labels, labels == nil { throw ValidationError("--classes labels: expected --labels FILE") }
    if classes != .labels, labels != nil { throw ValidationError("--labels is for --classes labels") }
  }

  /// The settings of a training by these classes.
  func trainingOptions(dimensions: Int, seed: UInt64) -> TrainingOptions {
    var options = TrainingOptions.retrieval(dimensions: dimensions, seed: seed, classes: classes)
    if let classWeight { options.classRate.weight = classWeight }
    return options
  }
}

extension ClassSource: ExpressibleByArgument {}
