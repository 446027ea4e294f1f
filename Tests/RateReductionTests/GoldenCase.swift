import Foundation
import LinearAlgebra

/// One case of Golden/mcr2-golden.json (see Golden/README.md).
struct GoldenCase: Decodable, CustomStringConvertible, Sendable {
  let name: String
  let d: Int
  let eps2: Double
  let z: [[Double]]
  let labels: [Int]
  let rate: Double
  let classRate: Double
  let delta: Double
  let gradRate: [[Double]]
  let gradClassRate: [[Double]]
  let gradDelta: [[Double]]
  let p: [[Double]]?
  let softClassRate: Double?
  let softDelta: Double?
  let gradSoftClassRate: [[Double]]?

  private enum CodingKeys: String, CodingKey {
    case name, d, eps2, labels, delta, gradDelta
    case z = "Z"
    case p = "P"
    case rate = "R"
    case classRate = "Rc"
    case softClassRate = "RcSoft"
    case softDelta = "deltaSoft"
    case gradRate = "gradR"
    case gradClassRate = "gradRc"
    case gradSoftClassRate = "gradRcSoft"
  }

  var description: String { name }
  var samples: DoubleMatrix { DoubleMatrix(rows: z, columns: d) }
  var memberships: DoubleMatrix? { p.map { DoubleMatrix(rows: $0, columns: $0[0].count) } }

  static let all: [GoldenCase] = {
    struct File: Decodable { let cases: [GoldenCase] }
    let url = Bundle.module.url(forResource: "Golden/mcr2-golden", withExtension: "json")!
    return try! JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
  }()
}
