import CEncoderKernels
import Foundation

/// A model's layers in eight bits, laid out as the kernels read them. Made when the model is opened, because how many
/// bits a weight may have depends on the processor; takes a quarter of the float weights' memory (10.7 MB for
/// all-MiniLM-L6-v2), and lets the mapped ones go.
///
/// Three things keep what eight bits would lose. Each output of a linear layer has a scale of its own. Components of a
/// layer's input that are far larger than the others are made smaller, and their weights larger in turn (Xiao et al. 2022,
/// arXiv 2211.10438, with the ranges that `ActivationRanges` finds). And the few weights that are many times as large as
/// their like stay in float32.
///
/// `@unchecked Sendable` because the memory is written in `init` alone.
final class FastWeights: @unchecked Sendable {
  struct Layer {
    /// What the input of `attentionInput` is multiplied by before it is cut to eight bits, component by component.
    let attentionFactors: UnsafePointer<Float>
    let attentionInput: fumikura_weights
    let attentionOutput: Linear
    /// The same for `feedForwardInput`.
    let feedForwardFactors: UnsafePointer<Float>
    let feedForwardInput: fumikura_weights
    let feedForwardOutput: Linear
  }

  /// A linear layer with its outliers kept apart.
  struct Linear {
    let weights: fumikura_weights
    let outliers: [fumikura_outlier]
  }

  /// A weight that is more than so many times the root mean square of its output's is kept apart, one in ten thousand,
  /// each of which would make the steps of its like twice as large and more.
  private static let outlierTimes: Float = 8
  /// How much of an input's unevenness its factors take on themselves, and how much of it is left to the weights.
  private static let share: Float = 0.5

  private(set) var layers: [Layer] = []
  private let memory: UnsafeMutableRawPointer

  /// - Parameter queryFactor: by which queries are multiplied, the first third of the attention's input.
  init(_ model: EncoderModel, kernels: FastKernels, queryFactor: Float) {
    let width = model.header.hiddenSize
    let count = model.weights.layers.reduce(0) { sum, layer in
      [layer.attentionInput, layer.attentionOutput, layer.feedForwardInput, layer.feedForwardOutput]
        .reduce(sum + 8 * width) { $0 + Self.byteCount($1) }
    }
    let ranges = ActivationRanges(model)
    memory = .allocate(byteCount: count, alignment: 64)
    var packer = Packer(model: model, next: memory, cheapLimit: kernels.functions.weight_limit)
    for (layer, range) in zip(model.weights.layers, ranges.layers) {
      let attentionFactors = packer.factors(layer.attentionInput, largest: range.attentionInput, share: Self.share)
      let feedForwardFactors = packer.factors(
        layer.feedForwardInput, largest: range.feedForwardInput, share: Self.share)
      layers.append(
        Layer(
          attentionFactors: attentionFactors,
          attentionInput: packer.pack(layer.attentionInput, factors: attentionFactors, firstFactor: queryFactor),
          attentionOutput: packer.packApart(layer.attentionOutput, times: Self.outlierTimes),
          feedForwardFactors: feedForwardFactors,
          feedForwardInput: packer.pack(layer.feedForwardInput, factors: feedForwardFactors),
          // Where seven bits lose most, for its inputs have the longest tails: it always gets eight.
          feedForwardOutput: packer.packApart(layer.feedForwardOutput, times: Self.outlierTimes, limit: 127)))
    }
  }

  deinit { memory.deallocate() }

  /// The matrix, and for each column its scale, its sum and its bias.
  fileprivate static func byteCount(_ linear: BertWeights.Linear) -> Int {
    linear.outputs * linear.inputs + 12 * linear.outputs
  }
}

/// Lays out one layer after the other.
private struct Packer {
  let model: EncoderModel
  var next: UnsafeMutableRawPointer
  let cheapLimit: Int32
  /// The matrix in hand.
  private var matrix: [Float] = []

  init(model: EncoderModel, next: UnsafeMutableRawPointer, cheapLimit: Int32) {
    self.model = model
    self.next = next
    self.cheapLimit = cheapLimit
  }

  /// What to multiply each component of a layer's input by, whose largest absolute values are `largest`.
  mutating func factors(_ linear: BertWeights.Linear, largest: [Float], share: Float) -> UnsafePointer<Float> {
    let width = linear.inputs
    var weights = [Float](repeating: 0, count: width)
    for column in 0..<linear.outputs {
      for k in 0..<width { weights[k] = max(weights[k], abs(linear.weight[column * width + k])) }
    }
    // Neither what was never seen nor what is never used may have an endless factor.
    let divisors = (0..<width).map { pow(max(largest[$0], 1e-3), share) / pow(max(weights[$0], 1e-5), 1 - share) }
    let mean = divisors.reduce(0, +) / Float(width)
    let factors = next.bindMemory(to: Float.self, capacity: width)
    next += 4 * width
    for k in 0..<width { factors[k] = mean / divisors[k] }
    return UnsafePointer(factors)
  }

  /// Packs a layer whose input is multiplied by `factors`; the first third of its outputs are multiplied by `firstFactor`.
  mutating func pack(
    _ linear: BertWeights.Linear, factors: UnsafePointer<Float>, firstFactor: Float = 1
  ) -> fumikura_weights {
    take(linear)
    let width = linear.inputs
    matrix.withUnsafeMutableBufferPointer { matrix in
      for column in 0..<linear.outputs {
        for k in 0..<width { matrix[column * width + k] /= factors[k] }
      }
    }
    return put(linear, limit: cheapLimit, firstFactor: firstFactor)
  }

  /// Packs a layer, its outliers kept apart.
  mutating func packApart(_ linear: BertWeights.Linear, times: Float, limit: Int32? = nil) -> FastWeights.Linear {
    take(linear)
    let (columns, width) = (linear.outputs, linear.inputs)
    let outliers = [fumikura_outlier](unsafeUninitializedCapacity: columns) { outliers, count in
      count = fumikura_take_outliers(&matrix, columns, width, times, outliers.baseAddress!, columns)
    }
    return FastWeights.Linear(weights: put(linear, limit: limit ?? cheapLimit, firstFactor: 1), outliers: outliers)
  }

  private mutating func take(_ linear: BertWeights.Linear) {
    let count = linear.outputs * linear.inputs
    matrix = Array(UnsafeBufferPointer(start: linear.weight, count: count))
    model.releasePages(from: linear.weight, count: 4 * count)
  }

  private mutating func put(_ linear: BertWeights.Linear, limit: Int32, firstFactor: Float) -> fumikura_weights {
    let (columns, width) = (linear.outputs, linear.inputs)
    let values = next.bindMemory(to: Int8.self, capacity: columns * width)
    let numbers = (next + columns * width).bindMemory(to: Float.self, capacity: 3 * columns)
    let (scales, sums, bias) = (numbers, numbers + columns, numbers + 2 * columns)
    next += FastWeights.byteCount(linear)
    bias.update(from: linear.bias, count: columns)
    let scaled = firstFactor == 1 ? 0 : columns / 3
    for column in 0..<scaled { bias[column] *= firstFactor }
    // Panels are whole: a third of the columns is a multiple of their width.
    for (first, count, factor) in [(0, scaled, firstFactor), (scaled, columns - scaled, 1)] {
      matrix.withUnsafeBufferPointer {
        fumikura_pack_bytes(
          $0.baseAddress! + first * width, count, width, factor, limit, values + first * width, scales + first,
          sums + first)
      }
    }
    return fumikura_weights(
      values: values, scales: scales, sums: sums, bias: bias, columns: columns, width: width, exact: limit > cheapLimit)
  }
}
