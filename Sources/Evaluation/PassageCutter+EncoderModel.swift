package import SentenceEncoder
package import TextExtraction

extension PassageCutter {
  /// The cutter that goes with a model, as the daemon indexes. A model that reads less than a passage's usual length gets
  /// shorter ones, so that it reads them to their end.
  package init(for model: EncoderModel) {
    let tokenizer = model.tokenizer
    let longest = max(1, min(200, model.passageTokens))
    self.init(
      minimumTokens: max(1, longest * 3 / 5), maximumTokens: longest, countTokens: { tokenizer.countTokens($0) })
  }
}
