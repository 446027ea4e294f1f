import LinearAlgebra

/// Sorts texts by length into batches without padding, so that each batch is one block of tokens for a forward pass.
struct TokenBatches {
  private let model: EncoderModel
  private let maximumTokens: Int

  /// A batch has at most `maximumTokens` tokens, or one text.
  init(_ model: EncoderModel, maximumTokens: Int) {
    self.model = model
    self.maximumTokens = maximumTokens
  }

  /// The unit vectors of texts that are cut into tokens already; each has 1 to `model.maximumTokens` ids of the model.
  /// `forward` computes the last hidden states of all tokens of its texts, one text after the other, tokens ×
  /// `hiddenSize`.
  func vectors(of tokenIDs: [[Int32]], forward: ([[Int32]]) -> UnsafePointer<Float>) -> Matrix {
    let ids = 0..<Int32(model.header.vocabulary)
    for tokens in tokenIDs {
      precondition(
        (1...model.maximumTokens).contains(tokens.count) && tokens.allSatisfy(ids.contains),
        "a text of \(tokens.count) tokens, or with ids beyond the vocabulary")
    }
    let dimensions = model.dimensions
    var result = Matrix(rows: tokenIDs.count, columns: dimensions)
    guard !tokenIDs.isEmpty else { return result }
    let head = OutputHead(model)
    result.values.withUnsafeMutableBufferPointer { rows in
      for batch in Self.batches(of: tokenIDs.map(\.count), maximumTokens: maximumTokens) {
        var hidden = forward(batch.map { tokenIDs[$0] })
        for index in batch {
          let count = tokenIDs[index].count
          head.vector(of: hidden, tokens: count, to: rows.baseAddress! + index * dimensions)
          hidden += count * model.header.hiddenSize
        }
      }
    }
    return result
  }

  /// Indices of texts of the given lengths, the longest first, in batches of at most `maximumTokens`.
  static func batches(of lengths: [Int], maximumTokens: Int) -> [[Int]] {
    var batches: [[Int]] = []
    var room = 0
    for index in lengths.indices.sorted(by: { lengths[$0] > lengths[$1] }) {
      if lengths[index] > room || batches.isEmpty {
        batches.append([])
        room = maximumTokens
      }
      batches[batches.count - 1].append(index)
      room -= lengths[index]
    }
    return batches
  }
}
