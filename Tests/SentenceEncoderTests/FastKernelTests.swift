import CEncoderKernels
import Foundation
import LinearAlgebra
import Testing

@testable import SentenceEncoder

/// The kernels against plain Swift, each set that this processor can run.
@Suite("Eight-bit kernels")
struct FastKernelTests {
  private static let limits: [String: Set<String>?] = [
    "SSE41": [], "AVX2": ["AVX2"], "AVX512_CORE": ["AVX2", "AVX512_CORE"], "ALL": nil, "nonsense": nil,
  ]

  @Test("every set of kernels can be had by holding the processor down, and none where AVX2 is forbidden")
  func limits() {
    #expect(FastKernels.fastest(within: nil)?.name == FastKernels.all.first?.name)
    for (limit, allowed) in Self.limits {
      let expected = FastKernels.all.first { allowed?.contains($0.instructionSet) ?? true }
      #expect(FastKernels.fastest(within: limit)?.name == expected?.name, "\(limit)")
    }
  }

  /// A matrix of bytes with their scales, and a layer of weights, in memory of their own.
  private final class Product {
    let rows: Int
    let (width, columns): (Int, Int)
    let input: fumikura_rows
    var weights: fumikura_weights
    /// columns × width, and each column's scale and sum as packed.
    let (packed, numbers): (UnsafeMutablePointer<Int8>, UnsafeMutablePointer<Float>)
    private let (bytes, scales): (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Float>)

    init(rows: Int, width: Int, columns: Int, weight: [Float], limit: Int32, exact: Bool, bytes: [UInt8], seed: UInt64)
    {
      var generator = SeededGenerator(seed: seed)
      (self.rows, self.width, self.columns) = (rows, width, columns)
      self.bytes = .allocate(capacity: rows * width)
      for index in bytes.indices { self.bytes[index] = bytes[index] }
      scales = .allocate(capacity: 2 * rows)
      for row in 0..<rows {
        scales[row] = Float.random(in: 0.001...0.1, using: &generator)
        scales[rows + row] = Float.random(in: -3...0, using: &generator)
      }
      input = fumikura_rows(values: self.bytes, scales: scales, lows: scales + rows)
      packed = .allocate(capacity: columns * width)
      numbers = .allocate(capacity: 3 * columns)
      for column in 0..<columns { numbers[2 * columns + column] = Float.random(in: -1...1, using: &generator) }
      fumikura_pack_bytes(weight, columns, width, 1, limit, packed, numbers, numbers + columns)
      weights = fumikura_weights(
        values: packed, scales: numbers, sums: numbers + columns, bias: numbers + 2 * columns, columns: columns,
        width: width, exact: exact)
    }

    deinit {
      bytes.deallocate()
      scales.deallocate()
      packed.deallocate()
      numbers.deallocate()
    }

    /// The packed weight of a column for component `k`.
    func weight(_ column: Int, _ k: Int) -> Int {
      Int(packed[column / 64 * 64 * width + k / 4 * 256 + column % 64 * 4 + k % 4])
    }

    func sum(_ row: Int, _ column: Int) -> Int {
      (0..<width).reduce(0) { $0 + Int(bytes[row * width + $1]) * weight(column, $1) }
    }

    /// What the layer gives, in double precision.
    func value(_ row: Int, _ column: Int) -> Double {
      let whole = (0..<width).reduce(0) { $0 + weight(column, $1) }
      let scale = Double(numbers[column])
      return Double(scales[row]) * scale * Double(sum(row, column)) + Double(scales[rows + row]) * scale * Double(whole)
        + Double(numbers[2 * columns + column])
    }
  }

  private static func product(
    _ kernels: FastKernels, exact: Bool, extreme: Bool, _ generator: inout SeededGenerator
  ) -> Product {
    let rows = 6 * Int.random(in: 1...5, using: &generator)
    let width = 64 * Int.random(in: 1...6, using: &generator)
    let columns = 64 * Int.random(in: 1...3, using: &generator)
    let weight = (0..<columns * width).map { _ in
      extreme ? (Bool.random(using: &generator) ? 1 : -1) : Float.random(in: -1...1, using: &generator)
    }
    let bytes = (0..<rows * width).map { _ in extreme ? 255 : UInt8.random(in: 0...255, using: &generator) }
    return Product(
      rows: rows, width: width, columns: columns, weight: extreme ? weight.map(abs) : weight,
      limit: exact ? 127 : kernels.functions.weight_limit, exact: exact, bytes: bytes,
      seed: UInt64.random(in: 0...UInt64.max, using: &generator))
  }

  @Test(
    "the sums of a product are exact, also where all bytes and weights are the largest, which would be cut off in 16 bits",
    arguments: FastKernels.all.indices, [false, true])
  func sums(index: Int, extreme: Bool) {
    let kernels = FastKernels.all[index]
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for round in 0..<12 {
      let product = Self.product(kernels, exact: round % 2 == 0, extreme: extreme, &generator)
      var out = [Int32](repeating: -1, count: product.rows * product.columns)
      kernels.functions.multiply(product.input, product.rows, &product.weights, FUMIKURA_PRODUCT_SUMS, &out)
      let wrong = out.indices.first { (index: Int) -> Bool in
        let expected: Int = product.sum(index / product.columns, index % product.columns)
        return Int(out[index]) != expected
      }
      #expect(wrong == nil, "\(kernels.name), seed \(seed), round \(round)")
    }
  }

  @Test("each kind of product is what its definition says", arguments: FastKernels.all.indices)
  func kinds(index: Int) {
    let kernels = FastKernels.all[index]
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for round in 0..<6 {
      let product = Self.product(kernels, exact: round % 2 == 0, extreme: false, &generator)
      for kind in [FUMIKURA_PRODUCT_FLOAT, FUMIKURA_PRODUCT_GELU, FUMIKURA_PRODUCT_RELU, FUMIKURA_PRODUCT_ADD] {
        var out = [Float](repeating: 0.5, count: product.rows * product.columns)
        kernels.functions.multiply(product.input, product.rows, &product.weights, kind, &out)
        var error = 0.0
        for index in out.indices {
          let y = product.value(index / product.columns, index % product.columns)
          let expected =
            switch kind {
            case FUMIKURA_PRODUCT_GELU: 0.5 * y * (1 + erf(y * 0.5.squareRoot()))
            case FUMIKURA_PRODUCT_RELU: max(0, y)
            case FUMIKURA_PRODUCT_ADD: y + 0.5
            default: y
            }
          error = max(error, abs(Double(out[index]) - expected) / max(1, abs(y)))
        }
        #expect(error < (kind == FUMIKURA_PRODUCT_GELU ? 4e-4 : 1e-5), "\(kernels.name), seed \(seed), \(kind)")
      }
    }
  }

  @Test(
    "bytes stand for a row within half a step, and a normalised row is normalised", arguments: FastKernels.all.indices)
  func rows(index: Int) {
    let kernels = FastKernels.all[index]
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for round in 0..<40 {
      let width = 64 * Int.random(in: 1...8, using: &generator)
      let size: Float = [1e-20, 1e-3, 1, 1e6][round % 4]
      var values = (0..<2 * width).map { _ in Float.random(in: -size...size, using: &generator) }
      // A row of equal numbers has no steps.
      if round % 5 == 0 { for index in 0..<width { values[index] = size } }
      var (bytes, scales, lows) = (
        [UInt8](repeating: 7, count: 2 * width), [Float](repeating: 0, count: 2), [Float](repeating: 0, count: 2)
      )
      bytes.withUnsafeMutableBufferPointer { bytes in
        scales.withUnsafeMutableBufferPointer { scales in
          lows.withUnsafeMutableBufferPointer { lows in
            let out = fumikura_rows(
              values: bytes.baseAddress!, scales: scales.baseAddress!, lows: lows.baseAddress!)
            kernels.functions.quantize(values, 2, width, nil, out)
            for index in 0..<2 * width {
              let got = scales[index / width] * Float(bytes[index]) + lows[index / width]
              #expect(
                abs(got - values[index]) <= 0.501 * scales[index / width] + 1e-6 * size,
                "\(kernels.name), seed \(seed), round \(round)")
            }
            guard size >= 1 else { return }
            let factors = (0..<width).map { _ in Float.random(in: 0.1...3, using: &generator) }
            let (weight, bias) = (
              (0..<width).map { _ in Float.random(in: -2...2, using: &generator) },
              (0..<width).map { _ in Float.random(in: -2...2, using: &generator) }
            )
            let expected = (0..<2).flatMap { row -> [Double] in
              let x = (0..<width).map { Double(values[row * width + $0]) }
              let mean = x.reduce(0, +) / Double(width)
              let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
              return (0..<width).map {
                (x[$0] - mean) / (variance + 1e-12).squareRoot() * Double(weight[$0]) + Double(bias[$0])
              }
            }
            kernels.functions.norm(&values, 2, width, weight, bias, 1e-12, factors, out)
            // Of equal numbers only rounding is left over.
            for index in (round % 5 == 0 ? width : 0)..<2 * width {
              #expect(
                abs(Double(values[index]) - expected[index]) < 1e-4, "\(kernels.name), seed \(seed), round \(round)")
              let got = scales[index / width] * Float(bytes[index]) + lows[index / width]
              #expect(abs(got - values[index] * factors[index % width]) <= 0.501 * scales[index / width] + 1e-5)
            }
          }
        }
      }
    }
  }

  @Test(
    "attention in bfloat16 is softmax(Q Kᵀ) V of what it is given, for every length to 70 and some longer",
    .enabled(if: FastKernels.all.contains { $0.attendsInBFloat16 }, "this processor does not multiply bfloat16"))
  func attention() throws {
    let kernels = try #require(FastKernels.all.first { $0.attendsInBFloat16 })
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for tokens in Array(1...70) + [128, 255, 512] {
      let (heads, headWidth) = (2, tokens % 2 == 0 ? 32 : 64)
      let width = heads * headWidth
      let rows = tokens + Int(FUMIKURA_FAST_QUERIES)
      // Past the last token lies what is no number.
      var input = [UInt16](repeating: 0x7fc0, count: rows * 3 * width)
      for index in 0..<tokens * 3 * width {
        input[index] = UInt16(Float.random(in: -2...2, using: &generator).bitPattern >> 16)
      }
      func component(_ token: Int, _ part: Int, _ index: Int) -> Double {
        Double(Float(bitPattern: UInt32(input[token * 3 * width + part * width + index]) << 16))
      }
      var context = [Float](repeating: .nan, count: tokens * width)
      let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: fumikura_attention_scratch(tokens, headWidth), alignment: 64)
      defer { scratch.deallocate() }
      kernels.functions.attend(input, tokens, heads, headWidth, scratch, &context)
      var error = 0.0
      for token in Set([0, tokens / 2, tokens - 1]) {
        for head in 0..<heads {
          let scores = (0..<tokens).map { key in
            (0..<headWidth).reduce(0.0) {
              $0 + component(token, 0, head * headWidth + $1) * component(key, 1, head * headWidth + $1)
            }
          }
          let weights = PlainEncoder.softmax(scores.map { $0 * Foundation.log(2) })
          for index in head * headWidth..<(head + 1) * headWidth {
            let expected = (0..<tokens).reduce(0.0) { $0 + weights[$1] * component($1, 2, index) }
            error = max(error, abs(Double(context[token * width + index]) - expected))
          }
        }
      }
      #expect(error < 0.02, "seed \(seed), \(tokens) tokens")
    }
  }
}
