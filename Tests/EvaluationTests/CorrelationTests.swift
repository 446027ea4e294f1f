import Evaluation
import Testing

/// Expected values from scipy 1.17.1 (`spearmanr`, `pearsonr`, `rankdata`).
@Suite("Correlation")
struct CorrelationTests {
  private let x: [Double] = [1, 2, 2, 3, 5, 8, 8, 8, 13, 21]
  private let y: [Double] = [2.5, 1.0, 3.5, 3.5, 4.0, 9.0, 7.5, 9.0, 9.0, 1.5]

  @Test func `equal values share the mean of their ranks`() {
    #expect(Correlation.ranks(x) == [1, 2.5, 2.5, 4, 5, 7, 7, 7, 9, 10])
    #expect(Correlation.ranks(y) == [3, 1, 4.5, 4.5, 6, 9, 7, 9, 9, 2])
  }

  @Test func `Spearman with ties is scipy's`() {
    #expect(abs(Correlation.spearman(x, y) - 0.478125) < 1e-12)
  }

  @Test func `Pearson is scipy's`() {
    #expect(abs(Correlation.pearson(x, y) - 0.2005867866068476) < 1e-12)
  }

  @Test func `fifty values with many ties agree too`() {
    let a = (0..<50).map { Double($0 * 37 % 101) }
    let b = (0..<50).map { Double($0 * 53 % 89 % 17) }
    #expect(abs(Correlation.spearman(a, b) - 0.055253287171944984) < 1e-12)
    #expect(abs(Correlation.pearson(a, b) - 0.04607116541738807) < 1e-12)
  }

  @Test func `a monotone curve has Spearman 1 and Pearson below it`() {
    let squares = x.map { $0 * $0 * $0 }
    #expect(abs(Correlation.spearman(x, squares) - 1) < 1e-12)
    #expect(Correlation.pearson(x, squares) < 0.95)
  }

  @Test func `a constant side has no correlation`() {
    #expect(Correlation.pearson([1, 1, 1], [1, 2, 3]).isNaN)
  }
}
