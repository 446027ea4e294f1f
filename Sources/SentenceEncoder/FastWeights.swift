import CEncoderKernels

/// A model's layers in eight bits, each output of a linear layer with a scale of its own, laid out as the kernels read
/// them. Made when the model is opened, because how many bits a weight may have depends on the processor; takes a
/// quarter of the float weights' memory (10.7 MB for all-MiniLM-L6-v2), and lets the mapped ones go.
///
/// `@unchecked Sendable` because the memory is written in `init` alone.
final class FastWeights: @unchecked Sendable {
  struct Layer {
    let attentionInput: fumikura_weights
    let attentionOutput: fumikura_weights
    let feedForwardInput: fumikura_weights
    let feedForwardOutput: fumikura_weights
  }

  private(set) var layers: [Layer] = []
  private let memory: UnsafeMutableRawPointer

  /// - Parameter queryFactor: by which queries are multiplied, the first third of the attention's input.
  init(_ model: EncoderModel, kernels: FastKernels, queryFactor: Float) {
    let matrices: [KeyPath<BertWeights.Layer, BertWeights.Linear>] = [
      \.attentionInput, \.attentionOutput, \.feedForwardInput, \.feedForwardOutput,
    ]
    let count = model.weights.layers.reduce(0) { sum, layer in
      matrices.reduce(sum) { $0 + Self.byteCount(layer[keyPath: $1]) }
    }
    let cheap = kernels.functions.weight_limit
    memory = .allocate(byteCount: count, alignment: 64)
    var next = memory
    func pack(_ linear: BertWeights.Linear, firstFactor: Float = 1, limit: Int32) -> fumikura_weights {
      let (columns, width) = (linear.outputs, linear.inputs)
      let values = next.bindMemory(to: Int8.self, capacity: columns * width)
      let numbers = (next + columns * width).bindMemory(to: Float.self, capacity: 3 * columns)
      let (scales, sums, bias) = (numbers, numbers + columns, numbers + 2 * columns)
      next += Self.byteCount(linear)
      bias.update(from: linear.bias, count: columns)
      let scaled = firstFactor == 1 ? 0 : columns / 3
      for column in 0..<scaled { bias[column] *= firstFactor }
      // Panels are whole: a third of the columns is a multiple of their width.
      for (first, count, factor) in [(0, scaled, firstFactor), (scaled, columns - scaled, 1)] {
        fumikura_pack_bytes(
          linear.weight + first * width, count, width, factor, limit, values + first * width, scales + first,
          sums + first)
      }
      model.releasePages(from: linear.weight, count: 4 * columns * width)
      return fumikura_weights(
        values: values, scales: scales, sums: sums, bias: bias, columns: columns, width: width,
        exact: limit > cheap)
    }
    layers = model.weights.layers.map { layer in
      Layer(
        attentionInput: pack(layer.attentionInput, firstFactor: queryFactor, limit: cheap),
        attentionOutput: pack(layer.attentionOutput, limit: cheap),
        feedForwardInput: pack(layer.feedForwardInput, limit: cheap),
        // Where seven bits lose most, for their inputs have the longest tails: they always get eight.
        feedForwardOutput: pack(layer.feedForwardOutput, limit: 127))
    }
  }

  deinit { memory.deallocate() }

  /// The matrix, and for each column its scale, its sum and its bias.
  private static func byteCount(_ linear: BertWeights.Linear) -> Int {
    linear.outputs * linear.inputs + 12 * linear.outputs
  }
}
