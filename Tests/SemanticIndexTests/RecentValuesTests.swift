import Testing

@testable import SemanticIndex

@Suite("RecentValues")
struct RecentValuesTests {
  @Test func `what was not asked for longest goes when there is no more room`() {
    var values = RecentValues<String, Int>(capacity: 3)
    for (number, key) in ["a", "b", "c"].enumerated() { values.keep(number, for: key) }
    #expect(values.value(for: "a") == 0)
    values.keep(3, for: "d")
    #expect(values.value(for: "b") == nil)
    #expect(["a", "c", "d"].map { values.value(for: $0) } == [0, 2, 3])
    #expect(values.count == 3)
  }

  @Test func `a value in place of another takes nobody's room`() {
    var values = RecentValues<String, Int>(capacity: 2)
    values.keep(1, for: "a")
    values.keep(2, for: "b")
    values.keep(3, for: "b")
    #expect(values.value(for: "a") == 1 && values.value(for: "b") == 3)
  }
}
