import Foundation
import LinearAlgebra
import SystemPackage
import Testing

@testable import SentenceEncoder

@Suite("Models that sentence-transformers saved")
struct SmallModelTests {
  static let names = [
    "bert-mean-f32", "bert-cls-dense-bf16", "bert-sqrt-relu-f16", "bert-unigram-sharded-f16", "xlmr-mean-bf16",
    "xlmr-max-dense-f16", "xlmr-cls-f16",
  ]

  private func withModel(_ name: String, _ body: (EncoderModel) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("\(name).fmodel").filePath
      try EncoderModel.import(from: SmallModels.archive(name).filePath, to: path, name: name)
      let model = try EncoderModel(contentsOf: path)
      try model.verify()
      try body(model)
    }
  }

  private func difference(_ matrix: Matrix, _ rows: [[Double]]) -> Double {
    #expect(matrix.rows == rows.count && matrix.columns == rows[0].count)
    return rows.indices.map { row in zip(matrix.row(row), rows[row]).map { abs(Double($0) - $1) }.max()! }.max()!
  }

  @Test("have the reference's ids and its vectors within 2e-5, as texts, queries and passages", arguments: names)
  func golden(name: String) throws {
    let golden = try SmallModels.load()
    let answers = try #require(golden.models.first { $0.name == name })
    try withModel(name) { model in
      for (text, ids) in zip(golden.texts, answers.ids) {
        #expect(model.tokenIDs(of: text, as: .plain) == ids, "\(text)")
      }
      for products in ReferenceEncoderTests.products {
        let encoder = ReferenceEncoder(model: model, products: products)
        let byIDs = difference(encoder.encode(tokenIDs: answers.ids), answers.plain)
        let plain = difference(try encoder.encode(golden.texts, as: .plain), answers.plain)
        let query = difference(try encoder.encode(golden.texts, as: .query), answers.query ?? answers.plain)
        let passage = difference(try encoder.encode(golden.texts, as: .passage), answers.passage ?? answers.plain)
        #expect(max(byIDs, plain, query, passage) <= 2e-5, "\(products): \(byIDs), \(plain), \(query), \(passage)")
      }
    }
  }

  @Test("are what their configuration says")
  func headers() throws {
    try withModel("bert-cls-dense-bf16") { model in
      let header = model.header
      #expect(header.family == .bert && header.activation == .geluTanh && header.pooling == .cls)
      #expect(header.hiddenSize == 32 && model.dimensions == 20 && header.normalizes)
      #expect(header.dense == [.init(inputs: 32, outputs: 20, activation: .tanh)])
      #expect(header.prompts == Prompts(query: "the query: ", passage: "the dog: "))
      // [CLS] the dog : [SEP] leave 15 of 20.
      #expect(model.passageTokens == 15)
      #expect(header.weightType == "BF16" && header.tokenizer == .wordPiece && model.maximumTokens == 20)
    }
    try withModel("xlmr-max-dense-f16") { model in
      let header = model.header
      #expect(header.family == .xlmRoberta && header.activation == .gelu && header.pooling == .max)
      #expect(header.positions == 24 && header.layerNormEpsilon == 1e-5 && !header.normalizes)
      #expect(header.dense.map(\.activation) == [.gelu, .identity] && header.dense.map(\.outputs) == [40, 24])
      #expect(header.prompts == .none && header.weightType == "F16" && header.tokenizer == .unigram)
    }
    try withModel("bert-unigram-sharded-f16") { model in
      // As multilingual-e5-small is: BERT with the tokenizer of XLM-R.
      #expect(model.header.family == .bert && model.header.tokenizer == .unigram)
      #expect(model.header.prompts == Prompts(query: "query: ", passage: "passage: "))
    }
  }

  @Test("an import may name the prompts itself, and tells how far it is")
  func promptsAndProgress() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("a.fmodel").filePath
      var told: [(Int, Int)] = []
      try EncoderModel.import(
        from: SmallModels.archive("bert-mean-f32").filePath, to: path, name: "a",
        queryPrompt: "the cat "
      ) { told.append(($0, $1)) }
      let model = try EncoderModel(contentsOf: path)
      #expect(model.tokenIDs(of: "sings", as: .query) == model.tokenIDs(of: "the cat sings", as: .plain))
      #expect(model.tokenIDs(of: "sings", as: .passage) == model.tokenIDs(of: "sings", as: .plain))
      let size = try #require(
        try FileManager.default.attributesOfItem(atPath: path.string)[.size] as? Int)
      #expect(told.allSatisfy { $0.1 == size } && told.map(\.0) == told.map(\.0).sorted())
      #expect(told.last?.0 == size - ModelFileFormat.digestCount)
    }
  }
}
