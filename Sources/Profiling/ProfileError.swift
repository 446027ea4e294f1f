/// Why nothing can be said about some documents: with what was found and what it would take.
package enum ProfileError: Error, Equatable, CustomStringConvertible {
  /// So few passages that differ that a figure would be chance.
  case tooFewPassages(name: String, passages: Int, different: Int)
  /// No held-out passage has a title, heading or sentence to ask for.
  case noQuestions(name: String)
  /// A source vector has an infinity or NaN.
  case notFinite(name: String, row: Int)
  /// Not even the whole vectors find anything: there is nothing to keep a share of.
  case nothingFound(name: String, queries: String)
  /// More dimensions than the model's vectors have.
  case dimensions(got: Int, model: Int)

  package var description: String {
    switch self {
    case .tooFewPassages(let name, let passages, let different):
      """
      \(name): got \(passages) passages, \(different) of them different, expected \(HeldOutSplit.leastPassages) different \
      ones or more: with fewer, figures are chance. Below [projector] minimum_passages the daemon compresses nothing anyhow
      """
    case .noQuestions(let name):
      "\(name): got no title, heading or sentence in any held-out passage, expected some to ask for"
    case .notFinite(let name, let row):
      "\(name): the vector of passage \(row) has a number that is not finite: the model or its file is damaged"
    case .nothingFound(let name, let queries):
      "\(name): the whole vectors find the right passage for none of the \(queries): nothing can be kept of nothing"
    case .dimensions(let got, let model):
      "--dimensions: got \(got), expected 1 to \(model), the model's own"
    }
  }
}
