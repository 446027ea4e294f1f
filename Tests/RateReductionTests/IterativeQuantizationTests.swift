import LinearAlgebra
import Testing

@testable import RateReduction

@Suite("Iterative quantisation")
struct IterativeQuantizationTests {
  private let rows = Corpus.clustered(rows: 900, columns: 40, seed: 11)

  /// How far the rotated rows are from their signs: what the rotation is chosen by.
  private func signLoss(_ projector: Projector) -> Double {
    let rotated = projector.project(rows).times(
      CodeQuantizer.rotation(dimensions: projector.outputDimensions, seed: projector.rotationSeed))
    let size = 1 / Float(projector.outputDimensions).squareRoot()
    return rotated.values.reduce(0) { $0 + Double((abs($1) - size) * (abs($1) - size)) } / Double(rows.rows)
  }

  @Test func `floats rank as those of whitened PCA`() throws {
    let turned = try Projector.iterativeQuantization(of: rows, dimensions: 16, rotationSeed: 3)
    let plain = try Projector.whitenedPCA(of: rows, dimensions: 16, rotationSeed: 3)
    #expect(turned.residual == nil)
    let (a, b) = (turned.project(rows).rowGram(), plain.project(rows).rowGram())
    for i in a.values.indices { #expect(abs(a.values[i] - b.values[i]) < 1e-4) }
  }

  @Test func `signs lose less than after the random rotation, and less with every iteration`() throws {
    let losses = try [0, 1, 5, 50].map {
      signLoss(try .iterativeQuantization(of: rows, dimensions: 16, iterations: $0, rotationSeed: 3))
    }
    #expect(abs(losses[0] - signLoss(try .whitenedPCA(of: rows, dimensions: 16, rotationSeed: 3))) < 1e-4)
    for (before, after) in zip(losses, losses.dropFirst()) { #expect(after < before, "\(losses)") }
    #expect(losses[3] < 0.9 * losses[0], "\(losses)")
  }

  @Test func `a corpus that spans fewer dimensions than asked is an ordinary input`() throws {
    var flat = Matrix(rows: 60, columns: 12)
    for r in 0..<60 { for c in 0..<3 { flat[r, c] = rows[r, c] } }
    let projector = try Projector.iterativeQuantization(of: flat, dimensions: 8, rotationSeed: 1)
    #expect(projector.project(flat).firstNonFinite == nil)
    #expect(throws: RateReductionError.self) { try Projector.iterativeQuantization(of: flat, dimensions: 13) }
  }

  @Test func `the method's name leads to it`() throws {
    let method = try #require(ProjectionMethod(rawValue: "itq"))
    #expect(method.isUntrained)
    let made = try method.projector(for: rows, dimensions: 8, seed: 5)
    #expect(made == (try .iterativeQuantization(of: rows, dimensions: 8, rotationSeed: 5)))
  }
}
