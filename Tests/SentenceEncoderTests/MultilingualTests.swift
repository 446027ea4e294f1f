import Foundation
import LinearAlgebra
import Testing

@testable import SentenceEncoder

@Suite(
  "multilingual-e5-small",
  .enabled(if: RealModel.hasMultilingual, "the model is not there: scripts/fetch-model multilingual-e5-small gets it"))
struct MultilingualTests {
  @Test("the 100 golden texts have the reference's ids, and its vectors within 2e-5, with the prompts of their roles")
  func golden() throws {
    let golden = try GoldenTexts.multilingualE5Small()
    let model = try RealModel.openMultilingual()
    let roles = try golden.lines.map { line -> TextRole in
      try #require(["query: ": TextRole.query, "passage: ": .passage][line.prefix ?? ""])
    }
    for (line, role) in zip(golden.lines, roles) {
      #expect(model.tokenIDs(of: line.text, as: role) == line.ids, "text \(line.i): \(line.text.debugDescription)")
    }
    for products in ReferenceEncoderTests.products {
      let encoder = ReferenceEncoder(model: model, products: products)
      var largest = Float(0)
      for role in [TextRole.query, .passage] {
        let places = roles.indices.filter { roles[$0] == role }
        let vectors = try encoder.encode(places.map { golden.lines[$0].text }, as: role)
        for (row, place) in places.enumerated() {
          let expected = golden.embeddings[(384 * place)..<(384 * place + 384)]
          largest = max(largest, zip(vectors.row(row), expected).map { abs($0 - $1) }.max()!)
        }
      }
      print("largest difference to multilingual-e5-small's golden vectors with \(products): \(largest)")
      #expect(largest <= 2e-5)
    }
  }

  @Test("the model is BERT with XLM-R's tokenizer, its prompts, and its word embeddings in four bits")
  func header() throws {
    let model = try RealModel.openMultilingual()
    let header = model.header
    #expect(header.family == .bert && header.tokenizer == .unigram && header.weightType == "Q4_0")
    #expect(header.layers == 12 && header.vocabulary == 250_037 && model.maximumTokens == 512)
    #expect(header.prompts == Prompts(query: "query: ", passage: "passage: "))
    guard case .blocks4 = model.weights.words.numbers else {
      Issue.record("the word embeddings are not in four bits")
      return
    }
  }
}
