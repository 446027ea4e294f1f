package import LinearAlgebra
package import SystemPackage

extension EncoderModel {
  /// Whether it has no transformer: its vectors are sums of its tokens'.
  package var isStatic: Bool { !header.family.isTransformer }

  /// Writes a static model that cuts texts into tokens as this one does. `path` is replaced at once, when the new file
  /// is whole, or not at all.
  ///
  /// - Parameter tokenVectors: a row for each piece of the vocabulary.
  package func writeStatic(tokenVectors: Matrix, to path: FilePath, name: String) throws {
    try Self.check(name: name, for: self.path)
    guard tokenVectors.rows == header.vocabulary, (1...8192).contains(tokenVectors.columns) else {
      throw EncoderModelError.malformedPart(
        source: self.path.string, part: "the table of token vectors",
        got: "\(tokenVectors.rows) × \(tokenVectors.columns) numbers", expected: "\(header.vocabulary) × 1 to 8192")
    }
    if let wrong = tokenVectors.firstNonFinite {
      throw EncoderModelError.malformedPart(
        source: self.path.string, part: "the vector of token \(wrong.row)",
        got: "\(tokenVectors[wrong.row, wrong.column])", expected: "finite numbers")
    }
    let parts = try tokenizerParts() + TokenTable.parts(of: tokenVectors.values, width: tokenVectors.columns)
    try ModelFileFormat.write(parts, to: path) { places in
      EncoderModelHeader(
        name: name, origin: self.name, family: .static, hiddenSize: tokenVectors.columns,
        dimensions: tokenVectors.columns, layers: 0, heads: 0, feedForward: 0, vocabulary: header.vocabulary,
        maximumTokens: maximumTokens, positions: 0, layerNormEpsilon: 0, activation: header.activation,
        pooling: .mean, dense: [], normalizes: true, prompts: .none, weightType: "I8", tokenizer: header.tokenizer,
        wordPiece: header.wordPiece, unigram: header.unigram, parts: places)
    }
  }
}
