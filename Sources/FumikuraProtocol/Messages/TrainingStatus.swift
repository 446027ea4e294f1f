/// A training that runs.
package struct TrainingStatus: WireObject, Hashable {
  package var phase: String
  package var progress: Double
  package var version: Int

  package init(phase: String, progress: Double, version: Int) {
    self.phase = phase
    self.progress = progress
    self.version = version
  }

  package static let form = Form<TrainingStatus>.reply(
    "A training that runs.",
    Self.init,
    Field("phase", \TrainingStatus.phase, "What it does now.", .someText),
    Field("progress", \TrainingStatus.progress, "From 0 to 1.", .number(0...1)),
    Field("version", \TrainingStatus.version, "The projector it makes."))
}
