import Foundation

/// The forward pass of a BERT sentence encoder as plainly as it can be written, in double precision: what every faster
/// one must agree with.
struct PlainEncoder {
  typealias Rows = [[Double]]

  let tensors: [String: (shape: [Int], values: [Float])]
  let layers: Int
  let heads: Int

  init(_ model: TinyModel) {
    tensors = model.tensors
    layers = TinyModel.layers
    heads = TinyModel.heads
  }

  func encode(_ ids: [Int32]) -> [Double] {
    let words = matrix("embeddings.word_embeddings.weight")
    let positions = matrix("embeddings.position_embeddings.weight")
    let type = matrix("embeddings.token_type_embeddings.weight")[0]
    var hidden = ids.indices.map { i in zip(zip(words[Int(ids[i])], positions[i]), type).map { $0.0 + $0.1 + $1 } }
    hidden = normalised(hidden, "embeddings.LayerNorm")
    for layer in 0..<layers {
      let name = "encoder.layer.\(layer)"
      let attended = linear(attention(hidden, name), "\(name).attention.output.dense")
      hidden = normalised(sum(hidden, attended), "\(name).attention.output.LayerNorm")
      let inner = linear(hidden, "\(name).intermediate.dense").map {
        $0.map { 0.5 * $0 * (1 + erf($0 / 2.squareRoot())) }
      }
      hidden = normalised(sum(hidden, linear(inner, "\(name).output.dense")), "\(name).output.LayerNorm")
    }
    let mean = hidden[0].indices.map { i in hidden.reduce(0) { $0 + $1[i] } / Double(hidden.count) }
    let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return mean.map { $0 / length }
  }

  private func attention(_ hidden: Rows, _ name: String) -> Rows {
    let (query, key, value) = (
      linear(hidden, "\(name).attention.self.query"), linear(hidden, "\(name).attention.self.key"),
      linear(hidden, "\(name).attention.self.value")
    )
    let width = hidden[0].count / heads
    var result = Rows(repeating: [], count: hidden.count)
    for head in 0..<heads {
      let part = (head * width)..<((head + 1) * width)
      for i in hidden.indices {
        let scores = hidden.indices.map { j in
          zip(query[i][part], key[j][part]).reduce(0) { $0 + $1.0 * $1.1 } / Double(width).squareRoot()
        }
        let weights = Self.softmax(scores)
        result[i] += part.map { c in hidden.indices.reduce(0) { $0 + weights[$1] * value[$1][c] } }
      }
    }
    return result
  }

  static func softmax(_ values: [Double]) -> [Double] {
    let powers = values.map { exp($0 - values.max()!) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  private func linear(_ rows: Rows, _ name: String) -> Rows {
    let (weight, bias) = (matrix("\(name).weight"), vector("\(name).bias"))
    return rows.map { row in zip(weight, bias).map { zip($0, row).reduce($1) { $0 + $1.0 * $1.1 } } }
  }

  private func normalised(_ rows: Rows, _ name: String) -> Rows {
    let (weight, bias) = (vector("\(name).weight"), vector("\(name).bias"))
    return rows.map { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      return row.indices.map { (row[$0] - mean) / (variance + 1e-12).squareRoot() * weight[$0] + bias[$0] }
    }
  }

  private func sum(_ a: Rows, _ b: Rows) -> Rows { zip(a, b).map { zip($0, $1).map(+) } }

  private func vector(_ name: String) -> [Double] { tensors[name]!.values.map(Double.init) }

  private func matrix(_ name: String) -> Rows {
    let (shape, values) = tensors[name]!
    return (0..<shape[0]).map { row in values[(row * shape[1])..<((row + 1) * shape[1])].map(Double.init) }
  }
}
