/// One projector.
package struct ProjectorEntry: WireObject, Hashable {
  package var version: Int
  package var parent: Int?
  package var kind: String
  package var state: ProjectorState
  package var dimensions: Int
  package var bits: Int
  package var created: Timestamp
  package var trainedOn: Int?
  package var score: Double?
  package var baselineScore: Double?
  package var reason: String?
  package var classes: String?
  package var classesReason: String?
  package var model: String?

  package init(
    version: Int, parent: Int? = nil, kind: String, state: ProjectorState, dimensions: Int, bits: Int,
    created: Timestamp, trainedOn: Int? = nil, score: Double? = nil, baselineScore: Double? = nil,
    reason: String? = nil, classes: String? = nil, classesReason: String? = nil, model: String? = nil
  ) {
    self.version = version
    self.parent = parent
    self.kind = kind
    self.state = state
    self.dimensions = dimensions
    self.bits = bits
    self.created = created
    self.trainedOn = trainedOn
    self.score = score
    self.baselineScore = baselineScore
    self.reason = reason
    self.classes = classes
    self.classesReason = classesReason
    self.model = model
  }

  package static let form = Form<ProjectorEntry>.reply(
    "One projector.",
    Self.init,
    Field("version", \ProjectorEntry.version, "Its number, from 1."),
    Field("parent", \ProjectorEntry.parent, "The version it was made after."),
    Field("kind", \ProjectorEntry.kind, "`pca-whitened` or `mcr2`.", .someText),
    Field("state", \ProjectorEntry.state, "Where it stands in its life."),
    Field("dimensions", \ProjectorEntry.dimensions, "Dimensions of a code."),
    Field("bits", \ProjectorEntry.bits, "Bits a dimension."),
    Field("created", \ProjectorEntry.created, "When it was made."),
    Field("trained_on", \ProjectorEntry.trainedOn, "Passages it was trained on."),
    Field("score", \ProjectorEntry.score, "nDCG@10 kept of the full vectors on held-out pseudo-queries."),
    Field("baseline_score", \ProjectorEntry.baselineScore, "The same of whitened PCA at its bytes."),
    Field("reason", \ProjectorEntry.reason, "Why it was rejected or retired."),
    Field(
      "classes", \ProjectorEntry.classes, "What its training drew together: `labels`, `folders`, `pseudo` or `none`.",
      .someText),
    Field("classes_reason", \ProjectorEntry.classesReason, "Why that, and what was found of the others."),
    Field("model", \ProjectorEntry.model, "The model whose vectors it takes; each model has its own."))
}
