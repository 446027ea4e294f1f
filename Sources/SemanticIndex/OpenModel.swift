import Evaluation
import LinuxSystem
import SentenceEncoder
import TextExtraction

/// A model that is open, with all that encodes by it. One for each model, however many shares have it.
final class OpenModel: Sendable {
  let model: EncoderModel
  let choice: EncoderChoice
  let encoder: any SentenceEncoder
  let cutter: PassageCutter
  let cohort: ScoreCohort
  let pace = EncodingPace()

  var hash: SHA256Digest { model.hash }
  var name: String { model.name }

  init(_ model: EncoderModel) throws(EncoderModelError) {
    self.model = model
    choice = try EncoderChoice(model)
    encoder = choice.encoder
    cohort = ScoreCohort(encoder: encoder)
    cutter = PassageCutter(for: model)
  }
}
