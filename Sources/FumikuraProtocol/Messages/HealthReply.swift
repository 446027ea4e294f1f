/// The reply to `health`.
package struct HealthReply: WireObject, Hashable {
  package var status: HealthStatus
  package var isReady: Bool
  package var version: String
  package var warnings: [Warning]
  package var projector: ProjectorInForce?
  package var model: String?
  package var encoders: [EncoderInUse]
  package var uptimeSeconds: Double

  package init(
    status: HealthStatus, isReady: Bool, version: String, warnings: [Warning], projector: ProjectorInForce? = nil,
    model: String? = nil, encoders: [EncoderInUse] = [], uptimeSeconds: Double
  ) {
    self.status = status
    self.isReady = isReady
    self.version = version
    self.warnings = warnings
    self.projector = projector
    self.model = model
    self.encoders = encoders
    self.uptimeSeconds = uptimeSeconds
  }

  package static let form = Form<HealthReply>.reply(
    "Whether all is well.",
    Self.init,
    Field("status", \HealthReply.status, "Whether all is well."),
    Field("ready", \HealthReply.isReady, "Whether searches are answered."),
    Field("version", \HealthReply.version, "The daemon's version.", .someText),
    Field("warnings", \HealthReply.warnings, "What needs attention."),
    Field(
      "projector", \HealthReply.projector,
      "The projector in force for the model below; null while source vectors are compared themselves."),
    Field("model", \HealthReply.model, "The model of the most passages."),
    Field("encoders", \HealthReply.encoders, "How each open model is computed on this processor."),
    Field("uptime_s", \HealthReply.uptimeSeconds, "Since the daemon's start."))
}
