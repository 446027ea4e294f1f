import Glibc
import LinearAlgebra

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv 1711.05101): β₁ .9, β₂ .999, ε 1e-8.
struct AdamW {
  private let decay: Float
  private var first: ProjectorParameters<Float>
  private var second: ProjectorParameters<Float>
  private var steps = 0

  init(for parameters: ProjectorParameters<Float>, decay: Float) {
    self.decay = decay
    first = parameters.zeros
    second = parameters.zeros
  }

  /// One step down the gradient; the decay is on every parameter, biases too.
  mutating func step(
    _ parameters: inout ProjectorParameters<Float>, gradient: ProjectorParameters<Float>, rate: Float
  ) {
    steps += 1
    let firstCorrection = Float(1 - pow(0.9, Double(steps)))
    let secondCorrection = Float(1 - pow(0.999, Double(steps)))
    for part in ProjectorParameters<Float>.parts {
      let gradient = gradient[keyPath: part].values
      parameters[keyPath: part].values.withUnsafeMutableBufferPointer { p in
        first[keyPath: part].values.withUnsafeMutableBufferPointer { m in
          second[keyPath: part].values.withUnsafeMutableBufferPointer { v in
            gradient.withUnsafeBufferPointer { g in
              for i in p.indices {
                m[i] = 0.9 * m[i] + 0.1 * g[i]
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
                let direction = (m[i] / firstCorrection) / ((v[i] / secondCorrection).squareRoot() + 1e-8)
                p[i] -= rate * (decay * p[i] + direction)
              }
            }
          }
        }
      }
    }
  }
}
