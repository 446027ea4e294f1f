package import LinearAlgebra

/// Texts as what a sum of token vectors sees of them: which tokens, and what share of the text each is.
package struct TokenBags: Sendable, Equatable {
  /// The tokens of text *i* are those at `offsets[i]..<offsets[i + 1]`; one more than there are texts.
  package private(set) var offsets: [Int] = [0]
  /// Ascending within a text, each once.
  package private(set) var tokens: [Int32] = []
  /// Of a text, 1 in sum.
  package private(set) var shares: [Float] = []

  package var count: Int { offsets.count - 1 }

  /// The bags of texts that are cut into tokens. Those of `leavingOut`, which stand in every text, count as none; a text
  /// without any other has an empty bag.
  package init(_ texts: [[Int32]], leavingOut: Set<Int32> = []) {
    offsets.reserveCapacity(texts.count + 1)
    for text in texts {
      let sorted = text.filter { !leavingOut.contains($0) }.sorted()
      var start = 0
      while start < sorted.count {
        var end = start + 1
        while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
        tokens.append(sorted[start])
        shares.append(Float(end - start) / Float(sorted.count))
        start = end
      }
      offsets.append(tokens.count)
    }
  }

  package func range(_ text: Int) -> Range<Int> { offsets[text]..<offsets[text + 1] }

  /// texts × d: of each text the sum of its tokens' rows of `table`, weighted by their shares.
  package func sums(of table: Matrix) -> Matrix {
    let d = table.columns
    var result = Matrix(rows: count, columns: d)
    result.values.withUnsafeMutableBufferPointer { result in
      table.values.withUnsafeBufferPointer { table in
        for text in 0..<count {
          let out = result.baseAddress! + text * d
          for i in range(text) {
            let (row, share) = (table.baseAddress! + Int(tokens[i]) * d, shares[i])
            for c in 0..<d { out[c] += share * row[c] }
          }
        }
      }
    }
    return result
  }
}
