extension TrainingOptions {
  /// The settings for classes that mean something, as labels that people gave do: supervised contrast beside the rate
  /// reduction, which alone draws many fine classes less far apart than contrast does, as contrast alone does few broad
  /// ones. Chosen on a fifth of the training texts of banking77 and of 20 newsgroups (label mAP there of contrast alone
  /// .854 and .690, of these settings .839 and .728, of linear discriminant analysis .791 and .714).
  ///
  /// - Parameter hasOthers: whether there are passages that are in no class and must not be forgotten. Distillation then
  ///   weighs more: at 4 Cranfield's passages beside 20 newsgroups keep .989 of the source vectors' nDCG@10 at 64
  ///   dimensions, with a label mAP of .637 (source vectors .356), SciFact's beside banking77 .900, with .759 (.532); one
  ///   seed. At 1 labels gain some .05 and retrieval loses as much.
  package static func labels(dimensions: Int, seed: UInt64, hasOthers: Bool) -> TrainingOptions {
    var options = TrainingOptions(dimensions: dimensions, seed: seed)
    options.classRate = RateTerm(weight: 300, distortion: 10)
    options.pairRate.weight = 0
    options.classContrast.weight = 1
    options.distillationWeight = hasOthers ? 4 : 0.1
    options.steps = 1000
    options.neighbourhoods = hasOthers ? options.neighbourhoods : 0
    return options
  }

  /// The settings for classes beside what search needs: they may draw passages of one class together only so far as what a
  /// query is to find stays found. Pairs stay classes too, as without other classes.
  ///
  /// - Parameter source: where classes come from. With ``ClassSource/none``, distillation is all there is.
  package static func retrieval(dimensions: Int, seed: UInt64, classes source: ClassSource) -> TrainingOptions {
    var options = TrainingOptions(dimensions: dimensions, seed: seed)
    options.classRate = RateTerm(weight: source.hasClasses ? Self.retrievalClassWeight : 0, distortion: 10)
    if source == .none { options.pairRate.weight = 0 }
    return options
  }

  /// w of classes beside what search needs.
  package static let retrievalClassWeight: Float = 30
}
