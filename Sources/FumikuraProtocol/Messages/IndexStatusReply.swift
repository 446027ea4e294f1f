/// The reply to `index.status`.
package struct IndexStatusReply: WireObject, Hashable {
  package var shares: [ShareStatus]
  package var pending: Int?
  package var encoder: EncoderStatus?
  package var training: TrainingStatus?
  package var projector: ProjectorInForce?
  package var model: String?
  package var memoryBytes: Int?

  package init(
    shares: [ShareStatus], pending: Int? = nil, encoder: EncoderStatus? = nil, training: TrainingStatus? = nil,
    projector: ProjectorInForce? = nil, model: String? = nil, memoryBytes: Int? = nil
  ) {
    self.shares = shares
    self.pending = pending
    self.encoder = encoder
    self.training = training
    self.projector = projector
    self.model = model
    self.memoryBytes = memoryBytes
  }

  package static let form = Form<IndexStatusReply>.reply(
    "How far the index is.",
    Self.init,
    Field("shares", \IndexStatusReply.shares, "Each share."),
    Field("pending", \IndexStatusReply.pending, "Files not yet indexed, in all; administrators only."),
    Field("encoder", \IndexStatusReply.encoder, "What was encoded; administrators only."),
    Field(
      "training", \IndexStatusReply.training,
      "The training that runs; null where none does, and for all but administrators."),
    Field(
      "projector", \IndexStatusReply.projector,
      "The projector in force for the model below; null while source vectors are compared themselves."),
    Field("model", \IndexStatusReply.model, "The model of the most passages."),
    Field("memory_bytes", \IndexStatusReply.memoryBytes, "The daemon's resident memory; administrators only."))
}
