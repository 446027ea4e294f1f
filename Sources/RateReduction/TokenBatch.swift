import LinearAlgebra

/// The texts of one step as a sparse matrix, texts × the tokens that any of them has.
struct TokenBatch {
  /// Each token once, in the order in which they come.
  private(set) var tokens: [Int] = []
  /// Text by text: a token's place in `tokens`, and its share of the text.
  private var places: [Int] = []
  private var shares: [Float] = []
  private var offsets: [Int] = [0]

  private var count: Int { offsets.count - 1 }

  /// - Parameter share: of a text's tokens that are left out, at random.
  init(
    _ texts: [(bags: TokenBags, text: Int)], vocabulary: Int, dropping share: Double = 0,
    using generator: inout SeededGenerator
  ) {
    var place = [Int32](repeating: -1, count: vocabulary)
    for (bags, text) in texts {
      for i in bags.range(text) where share == 0 || generator.uniform() >= share {
        let token = Int(bags.tokens[i])
        if place[token] < 0 {
          place[token] = Int32(tokens.count)
          tokens.append(token)
        }
        places.append(Int(place[token]))
        shares.append(bags.shares[i])
      }
      offsets.append(places.count)
    }
  }

  /// texts × d: of each the sum of its tokens' rows of `table`, weighted by their shares.
  func sums(of table: Matrix) -> Matrix {
    let d = table.columns
    var result = Matrix(rows: count, columns: d)
    result.values.withUnsafeMutableBufferPointer { result in
      table.values.withUnsafeBufferPointer { table in
        for text in 0..<count {
          let out = result.baseAddress! + text * d
          for i in offsets[text]..<offsets[text + 1] {
            Self.add(table.baseAddress! + tokens[places[i]] * d, times: shares[i], to: out, count: d)
          }
        }
      }
    }
    return result
  }

  /// `tokens.count` × d: the gradient of each token's row, of that of the sums.
  func gradient(ofSums gradient: Matrix) -> Matrix {
    let d = gradient.columns
    var result = Matrix(rows: tokens.count, columns: d)
    result.values.withUnsafeMutableBufferPointer { result in
      gradient.values.withUnsafeBufferPointer { gradient in
        for text in 0..<count {
          let row = gradient.baseAddress! + text * d
          for i in offsets[text]..<offsets[text + 1] {
            Self.add(row, times: shares[i], to: result.baseAddress! + places[i] * d, count: d)
          }
        }
      }
    }
    return result
  }

  @inline(__always)
  private static func add(
    _ row: UnsafePointer<Float>, times factor: Float, to out: UnsafeMutablePointer<Float>, count: Int
  ) {
    for i in 0..<count { out[i] += factor * row[i] }
  }
}
