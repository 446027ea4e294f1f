import Evaluation
import Testing

@Suite("Metrics of labels")
struct LabelMetricsTests {
  /// scikit-learn 1.9.1: `average_precision_score([1,0,1,0,0,1,0,1], [8,7,6,5,4,3,2,1])` = ⅔ = (1 + ⅔ + ½ + ½)/4.
  @Test func `average precision is scikit-learn's`() throws {
    let relevant = [true, false, true, false, false, true, false, true]
    #expect(abs(try #require(LabelMetrics.averagePrecision(relevant: relevant)) - 2.0 / 3) < 1e-12)
    #expect(LabelMetrics.averagePrecision(relevant: [true, true]) == 1)
    #expect(LabelMetrics.averagePrecision(relevant: [false]) == nil)
  }

  @Test func `the vote goes to the commonest label, and between equals to the nearest`() {
    #expect(LabelMetrics.vote(["a", "b", "b", "c"]) == "b")
    #expect(LabelMetrics.vote(["c", "a", "b", "a", "b"]) == "a")
    #expect(LabelMetrics.vote([String]()) == nil)
  }
}
