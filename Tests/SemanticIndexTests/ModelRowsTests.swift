import LinearAlgebra
import LinuxSystem
import RateReduction
import Testing

@testable import SemanticIndex

@Suite("ModelRows")
struct ModelRowsTests {
  private static let model = SHA256Digest(of: Array("a model".utf8))

  @Test(arguments: [UInt64(1), 2])
  func `many passages at once stand as they would one by one, but for those without a slot`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var together = ModelRows(model: Self.model, dimensions: 5, projector: nil, wideMemory: 0)
    var oneByOne = ModelRows(model: Self.model, dimensions: 5, projector: nil, wideMemory: 0)
    var next: Int64 = 3
    for _ in 0..<30 {
      let count = Int.random(in: 0...150, using: &random)
      let passages = (0..<count).map { _ in
        next += Int64.random(in: 1...3, using: &random)
        return next
      }
      let vectors = passages.map { $0 * 2 }
      let hasGaps = Bool.random(using: &random)
      let slots = passages.map { hasGaps && $0 % 4 == 0 ? nil : Int32(truncatingIfNeeded: $0 % 9) }
      let codes = (0..<count * 5).map { _ in UInt8.random(in: 0...255, using: &random) }
      let before = together.revision
      together.append(passages: passages, vectors: vectors, slots: slots, codes: codes)
      for (index, slot) in slots.enumerated() {
        guard let slot else { continue }
        oneByOne.append(
          passage: passages[index], vector: vectors[index], slot: slot, code: Array(codes[index * 5..<index * 5 + 5]))
      }
      #expect((together.revision == before) == slots.allSatisfy { $0 == nil })
    }
    #expect(together.passageIDs == oneByOne.passageIDs && together.passageIDs.count > 500)
    #expect(together.vectorIDs == oneByOne.vectorIDs && together.fileSlots == oneByOne.fileSlots)
    let files = (0..<9).map { $0 % 2 == 0 }
    #expect(together.rows(ofFiles: files) == oneByOne.rows(ofFiles: files))
    #expect(together.passageIDs.indices.allSatisfy { together.codes.code(at: $0) == oneByOne.codes.code(at: $0) })
    #expect(together.liveCount == oneByOne.liveCount && together.allRows == nil)
  }
}
