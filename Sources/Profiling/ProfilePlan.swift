package import Evaluation
package import RateReduction

/// What a profile goes through: every combination of methods, dimensions, bits and stages that makes sense.
package struct ProfilePlan: Sendable {
  package var methods: [ProjectionMethod]
  package var dimensions: [Int]
  /// 32 is float.
  package var bits: [Int]
  /// Nil is one stage.
  package var stages: [Rescorer.Kind?]
  /// The methods that are also measured in two stages. What ranks again is the same for all that learn nothing, and soon
  /// all that is to be seen: two-stage rows of methods that the daemon cannot do would say the same again and again.
  package var stagedMethods: [ProjectionMethod] = [.pcaWhitened, .mcr2]

  package init(
    methods: [ProjectionMethod] = [.full, .truncate, .random, .pca, .pcaWhitened, .mcr2],
    dimensions: [Int] = [64, 128, 256], bits: [Int] = [32, 8, 4, 2, 1], stages: [Rescorer.Kind?] = [nil, .wide]
  ) {
    self.methods = methods
    self.dimensions = dimensions
    self.bits = bits
    self.stages = stages
  }

  /// The least that a recommendation can be made of, in a fraction of the time.
  package static let quick = ProfilePlan(
    methods: [.full, .pcaWhitened, .mcr2], dimensions: [128], bits: [4, 2, 1], stages: [nil])

  /// The points for source vectors of so many dimensions, the whole vectors as floats first: everything is a share of
  /// them. Codes of more than four bits, and the whole vectors, are not ranked again: there is nothing to win. Whitened
  /// PCA is added wherever another method is asked for, as what it has to beat.
  package func points(inputDimensions: Int) throws(ProfileError) -> [ProfilePoint] {
    if let wide = dimensions.first(where: { !(1...inputDimensions ~= $0) }) {
      throw .dimensions(got: wide, model: inputDimensions)
    }
    func point(_ method: ProjectionMethod, _ dimensions: Int, _ bits: Int, _ stage: Rescorer.Kind? = nil)
      -> ProfilePoint
    {
      ProfilePoint(
        method: method, dimensions: dimensions, bits: bits, rescorer: stage, inputDimensions: inputDimensions)
    }
    var points = [point(.full, inputDimensions, 32)]
    for method in methods {
      for dimensions in method == .full ? [inputDimensions] : dimensions {
        for stage in stages where stage == nil || method != .full && stagedMethods.contains(method) {
          for bits in bits where stage == nil || bits <= 4 { points.append(point(method, dimensions, bits, stage)) }
        }
      }
    }
    points += points.filter { $0.method != .full }.map(\.whitened)
    var seen = Set<ProfilePoint>()
    return points.filter { seen.insert($0).inserted }
  }
}
