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
    let tokenizer = model.tokenizer
    // A model that reads less than a passage's usual length gets shorter ones, so that it reads them to their end.
    let longest = max(1, min(200, model.passageTokens))
    cutter = PassageCutter(
      minimumTokens: max(1, longest * 3 / 5), maximumTokens: longest, countTokens: { tokenizer.countTokens($0) })
  }
}
