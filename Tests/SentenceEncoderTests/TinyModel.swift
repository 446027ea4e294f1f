import Foundation
import LinearAlgebra
import SystemPackage

/// A sentence-transformers folder of a BERT model small enough to make up: random weights, 40 pieces.
///
/// Each property is a part that a test may spoil before the folder is written.
struct TinyModel {
  static let (width, layers, heads, inner, positions) = (24, 2, 3, 40, 16)
  static let pieces =
    [
      "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##s", "##ing", "##a", "##ab", "the", "cat", "dog", "sing", "b",
      "ab",
    ]
    + "cdefghijklmnopqrtuvwxyz".map(String.init) + ["猫", "."]

  /// By the path within the folder.
  var files: [String: [UInt8]] = [:]
  /// By name: shape and values.
  var tensors: [String: (shape: [Int], values: [Float])] = [:]

  init(seed: UInt64 = 1) {
    var generator = SeededGenerator(seed: seed)
    func add(_ name: String, _ shape: [Int], around center: Float = 0) {
      let count = shape.reduce(1, *)
      tensors[name] = (shape, (0..<count).map { _ in center + Float.random(in: -0.5...0.5, using: &generator) })
    }
    func addPair(_ name: String, _ shape: [Int], around center: Float = 0) {
      add("\(name).weight", shape, around: center)
      add("\(name).bias", [shape[0]])
    }
    let width = Self.width
    add("embeddings.word_embeddings.weight", [Self.pieces.count, width])
    add("embeddings.position_embeddings.weight", [Self.positions, width])
    add("embeddings.token_type_embeddings.weight", [2, width])
    addPair("embeddings.LayerNorm", [width], around: 1)
    for layer in 0..<Self.layers {
      let name = "encoder.layer.\(layer)"
      for part in ["self.query", "self.key", "self.value", "output.dense"] {
        addPair("\(name).attention.\(part)", [width, width])
      }
      addPair("\(name).attention.output.LayerNorm", [width], around: 1)
      addPair("\(name).intermediate.dense", [Self.inner, width])
      addPair("\(name).output.dense", [width, Self.inner])
      addPair("\(name).output.LayerNorm", [width], around: 1)
    }
    addPair("pooler.dense", [width, width])
    files["modules.json"] = Array(
      #"""
      [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
       {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
       {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
      """#.utf8)
    files["config.json"] = Array(
      """
      {"model_type": "bert", "hidden_size": \(width), "num_hidden_layers": \(Self.layers),
       "num_attention_heads": \(Self.heads), "intermediate_size": \(Self.inner), "vocab_size": \(Self.pieces.count),
       "max_position_embeddings": \(Self.positions), "type_vocab_size": 2, "layer_norm_eps": 1e-12,
       "hidden_act": "gelu", "position_embedding_type": "absolute"}
      """.utf8)
    files["1_Pooling/config.json"] = Array(
      #"{"word_embedding_dimension": 24, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true}"#.utf8)
    files["sentence_bert_config.json"] = Array(#"{"max_seq_length": 12, "do_lower_case": false}"#.utf8)
    files["tokenizer_config.json"] = Array(#"{"do_lower_case": true}"#.utf8)
    files["vocab.txt"] = Array((Self.pieces.joined(separator: "\n") + "\n").utf8)
  }

  /// The weights as a safetensors file.
  var safetensors: [UInt8] {
    var entries: [String] = [#""__metadata__": {"format": "pt"}"#]
    var data: [UInt8] = []
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let bytes = tensor.values.withUnsafeBytes { Array($0) }
      entries.append(
        #""\#(name)": {"dtype": "F32", "shape": \#(tensor.shape), "data_offsets": [\#(data.count), \#(data.count + bytes.count)]}"#
      )
      data += bytes
    }
    return Self.safetensors(header: "{\(entries.joined(separator: ", "))}", data: data)
  }

  static func safetensors(header: String, data: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + data
  }

  /// All parts, the weights among them unless `files` has some already.
  var allFiles: [String: [UInt8]] {
    files.merging(["model.safetensors": safetensors]) { given, _ in given }
  }

  /// Writes the folder.
  func write(to folder: URL) throws {
    for (path, bytes) in allFiles {
      let file = folder.appendingPathComponent(path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
  }
}

/// A folder of its own for one test, removed after.
func withTemporaryFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("encoder-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }  // Left behind, it harms nothing.
  return try body(folder)
}

extension URL {
  var filePath: FilePath { FilePath(path) }
}
