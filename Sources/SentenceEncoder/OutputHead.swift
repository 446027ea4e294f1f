import CEncoderKernels
import COpenBLAS
import Foundation

/// What a model does after its transformer: the last hidden states of a text's tokens become its unit vector by
/// pooling, dense layers where it has some, and scaling to length 1.
struct OutputHead: Sendable {
  private let model: EncoderModel
  private var hiddenSize: Int { model.header.hiddenSize }
  private var dimensions: Int { model.header.dimensions }

  init(_ model: EncoderModel) { self.model = model }

  /// Writes the vector of one text, `dimensions` numbers, to `out`. `hidden` is `tokens` × `hiddenSize`, row-major, and
  /// `tokens` at least 1. A vector whose length is 0 stays as it is.
  func vector(of hidden: UnsafePointer<Float>, tokens: Int, to out: UnsafeMutablePointer<Float>) {
    precondition(tokens > 0, "a text has a token at least")
    let dense = model.header.dense
    guard !dense.isEmpty else {
      pool(hidden, tokens, out)
      fumikura_scale_to_unit(out, dimensions)
      return
    }
    let widest = max(hiddenSize, dense.map(\.outputs).max()!)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * widest) { buffer in
      var (input, output) = (buffer.baseAddress!, buffer.baseAddress! + widest)
      pool(hidden, tokens, input)
      for (layer, description) in zip(model.weights.dense, dense) {
        output.update(from: layer.bias, count: layer.outputs)
        cblas_sgemv(
          CblasRowMajor, CblasNoTrans, Int32(layer.outputs), Int32(layer.inputs), 1, layer.weight, Int32(layer.inputs),
          input, 1, 1, output, 1)
        for i in 0..<layer.outputs { output[i] = description.activation(output[i]) }
        swap(&input, &output)
      }
      out.update(from: input, count: dimensions)
    }
    fumikura_scale_to_unit(out, dimensions)
  }

  private func pool(_ hidden: UnsafePointer<Float>, _ tokens: Int, _ out: UnsafeMutablePointer<Float>) {
    switch model.header.pooling {
    case .cls: out.update(from: hidden, count: hiddenSize)
    case .max: fumikura_max_rows(hidden, tokens, hiddenSize, out)
    case .mean: fumikura_sum_rows(hidden, tokens, hiddenSize, 1 / Float(tokens), out)
    case .meanSquareRootLength: fumikura_sum_rows(hidden, tokens, hiddenSize, 1 / Float(tokens).squareRoot(), out)
    }
  }
}

extension DenseActivation {
  fileprivate func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .tanh: Foundation.tanh(x)
    case .relu: Swift.max(0, x)
    case .gelu: 0.5 * x * (1 + erf(x * Float(0.5).squareRoot()))
    case .sigmoid: 1 / (1 + exp(-x))
    }
  }
}
