import CEncoderKernels

/// A second copy of a model's layers whose matrices lie as `fumikura_multiply` reads them: transposed, in panels of 32
/// columns.
///
/// `@unchecked Sendable` because the memory is written in `init` alone.
final class PackedWeights: @unchecked Sendable {
  static let panelColumns = Int(FUMIKURA_PANEL_COLUMNS)

  /// As the model's, but for the `weight` of each linear layer. They live as long as this object and the model.
  let layers: [BertWeights.Layer]
  private let memory: UnsafeMutableRawPointer

  init(_ model: EncoderModel) {
    let matrices: [WritableKeyPath<BertWeights.Layer, BertWeights.Linear>] = [
      \.attentionInput, \.attentionOutput, \.feedForwardInput, \.feedForwardOutput,
    ]
    func packedCount(_ linear: BertWeights.Linear) -> Int {
      (linear.outputs + Self.panelColumns - 1) / Self.panelColumns * Self.panelColumns * linear.inputs
    }
    var layers = model.weights.layers
    let count = layers.reduce(0) { sum, layer in matrices.reduce(sum) { $0 + packedCount(layer[keyPath: $1]) } }
    memory = .allocate(byteCount: 4 * count, alignment: 64)
    var next = memory.bindMemory(to: Float.self, capacity: count)
    for index in layers.indices {
      for matrix in matrices {
        let linear = layers[index][keyPath: matrix]
        fumikura_pack(linear.weight, linear.inputs, linear.outputs, linear.inputs, next)
        layers[index][keyPath: matrix].weight = UnsafePointer(next)
        model.releasePages(from: linear.weight, count: 4 * linear.inputs * linear.outputs)
        next += packedCount(linear)
      }
    }
    self.layers = layers
  }

  deinit { memory.deallocate() }
}
