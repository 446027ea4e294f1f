import Glibc
import LinearAlgebra

/// The element-wise functions that training spends its time in, in the two precisions it runs in.
///
/// `Double` is the plain reference; `Float` works on sixteen numbers at once. A test holds one against the other.
protocol ActivationScalar: BLASScalar {
  /// GELU by the error function, x Φ(x), and its derivative Φ(x) + x φ(x), for each x of `inputs`.
  static func gelu(
    _ inputs: UnsafeBufferPointer<Self>, value: UnsafeMutableBufferPointer<Self>,
    derivative: UnsafeMutableBufferPointer<Self>?)

  /// Replaces each x by exp(x − shift); returns their sum. Meant for x ≤ shift.
  static func exponentials(_ values: UnsafeMutableBufferPointer<Self>, shift: Self) -> Self

  static func naturalLogarithm(_ x: Self) -> Self
}

extension Double: ActivationScalar {
  static func gelu(
    _ inputs: UnsafeBufferPointer<Double>, value: UnsafeMutableBufferPointer<Double>,
    derivative: UnsafeMutableBufferPointer<Double>?
  ) {
    for (i, x) in inputs.enumerated() {
      let cumulative = 0.5 * (1 + erf(x / 2.0.squareRoot()))
      value[i] = x * cumulative
      derivative?[i] = cumulative + x * exp(-x * x / 2) / (2 * .pi).squareRoot()
    }
  }

  static func exponentials(_ values: UnsafeMutableBufferPointer<Double>, shift: Double) -> Double {
    var sum = 0.0
    for i in values.indices {
      values[i] = exp(values[i] - shift)
      sum += values[i]
    }
    return sum
  }

  static func naturalLogarithm(_ x: Double) -> Double { log(x) }
}

extension Float: ActivationScalar {
  private typealias Lanes = SIMD16<Float>

  static func gelu(
    _ inputs: UnsafeBufferPointer<Float>, value: UnsafeMutableBufferPointer<Float>,
    derivative: UnsafeMutableBufferPointer<Float>?
  ) {
    forEachSixteen(inputs.count) { start, count in
      let x = load(inputs, start, count)
      // Φ from Abramowitz & Stegun 7.1.26, |error| < 1.5e-7: its exponential is also the density's.
      let magnitude = x.replacing(with: -x, where: x .< 0)
      let density = exponential(-0.5 * x * x)
      let t = 1 / (1 + (0.3275911 * Float(0.5).squareRoot()) * magnitude)
      var series = Lanes(repeating: 1.061405429) * t - 1.453152027
      series = series * t + 1.421413741
      series = series * t - 0.284496736
      series = (series * t + 0.254829592) * t
      let tail = 0.5 * series * density
      let cumulative = tail.replacing(with: 1 - tail, where: x .>= 0)
      store(x * cumulative, value, start, count)
      if let derivative {
        store(cumulative + x * density * Float(1 / (2 * Double.pi).squareRoot()), derivative, start, count)
      }
    }
  }

  static func exponentials(_ values: UnsafeMutableBufferPointer<Float>, shift: Float) -> Float {
    var sums = Lanes.zero
    forEachSixteen(values.count) { start, count in
      var result = exponential(load(UnsafeBufferPointer(values), start, count) - shift)
      for lane in count..<max(count, 16) { result[lane] = 0 }
      sums += result
      store(result, values, start, count)
    }
    return sums.sum()
  }

  static func naturalLogarithm(_ x: Float) -> Float { logf(x) }

  /// exp(x) for x ≤ 0 with a relative error of about 2e-7; below −87 it is held at exp(−87) ≈ 1e-38. NaN stays NaN.
  private static func exponential(_ x: Lanes) -> Lanes {
    let bounded = x.replacing(with: -87, where: x .< -87)
    // n = round(x / ln 2): adding 1.5 · 2²³ leaves n in the low bits of the sum.
    let magic: Float = 12_582_912
    let shifted = bounded * Float(1 / M_LN2) + magic
    let n = shifted - magic
    let rest = (bounded - n * 0.693359375) - n * -2.12194440e-4
    var series = Lanes(repeating: 1 / 720) * rest + 1 / 120
    series = series * rest + 1 / 24
    series = series * rest + 1 / 6
    series = series * rest + 0.5
    series = series * rest * rest + rest + 1
    let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- Int32(bitPattern: magic.bitPattern)
    return unsafeBitCast(unsafeBitCast(series, to: SIMD16<Int32>.self) &+ (exponent &<< 23), to: Lanes.self)
  }

  @inline(__always)
  private static func forEachSixteen(_ count: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
    var start = 0
    while start < count {
      body(start, min(16, count - start))
      start += 16
    }
  }

  @inline(__always)
  private static func load(_ from: UnsafeBufferPointer<Float>, _ start: Int, _ count: Int) -> Lanes {
    if count == 16 { return UnsafeRawPointer(from.baseAddress! + start).loadUnaligned(as: Lanes.self) }
    var lanes = Lanes.zero
    for lane in 0..<count { lanes[lane] = from[start + lane] }
    return lanes
  }

  @inline(__always)
  private static func store(_ lanes: Lanes, _ to: UnsafeMutableBufferPointer<Float>, _ start: Int, _ count: Int) {
    if count == 16 {
      UnsafeMutableRawPointer(to.baseAddress! + start).storeBytes(of: lanes, as: Lanes.self)
    } else {
      for lane in 0..<count { to[start + lane] = lanes[lane] }
    }
  }
}
