import Foundation
import Glibc
import LinearAlgebra
import SystemPackage
import Testing

@testable import SentenceEncoder

@Suite("Hostile models")
struct HostileModelTests {
  /// Unpacks a small model, changes its folder, imports it; the error's text, or what came of it.
  private func outcome(_ name: String, _ change: (URL) throws -> Void) throws -> String {
    try withTemporaryFolder { folder in
      let source = try SmallModels.unpack(name, into: folder)
      try change(source)
      let result = folder.appendingPathComponent("a.fmodel")
      do {
        try EncoderModel.import(from: source.filePath, to: result.filePath, name: "a")
      } catch {
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left == [name], "\(left) is left")
        return "\(error)"
      }
      try EncoderModel(contentsOf: result.filePath).verify()
      return "imported"
    }
  }

  private func link(_ path: URL, to destination: String) throws {
    try FileManager.default.removeItem(at: path)
    try FileManager.default.createSymbolicLink(atPath: path.path, withDestinationPath: destination)
  }

  @Test("links are followed to files, as a hub's cache has them, and to nothing else")
  func links() throws {
    let linked = try outcome("bert-mean-f32") { folder in
      let blob = folder.appendingPathComponent("blob")
      try FileManager.default.moveItem(at: folder.appendingPathComponent("model.safetensors"), to: blob)
      try FileManager.default.createSymbolicLink(
        atPath: folder.appendingPathComponent("model.safetensors").path, withDestinationPath: "blob")
    }
    #expect(linked == "imported")
    for (destination, expected) in [
      ("nowhere", "no model.safetensors"), ("model.safetensors", "no model.safetensors"), (".", "directory"),
      ("/dev/zero", "Invalid argument"), ("fifo", "Invalid argument"), ("config.json", "is broken"),
    ] {
      let text = try outcome("bert-mean-f32") { folder in
        #expect(mkfifo(folder.appendingPathComponent("fifo").path, 0o600) == 0)
        try link(folder.appendingPathComponent("model.safetensors"), to: destination)
      }
      #expect(text.contains(expected), "\(destination): \(text)")
    }
  }

  /// Changes a text file of the folder.
  private func edit(_ file: URL, _ old: String, _ new: String) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    try #require(text.contains(old), "\(old) is not in \(text)")
    try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: file)
  }

  @Test("an index of several files of weights must tell the truth, and name files beside it")
  func shards() throws {
    let (first, second) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    let index = "model.safetensors.index.json"
    func check(_ expected: String, _ change: (URL) throws -> Void) throws {
      let text = try outcome("bert-unigram-sharded-f16", change)
      #expect(text.contains(expected), "\(text)")
    }
    try check("no \(second)") { try FileManager.default.removeItem(at: $0.appendingPathComponent(second)) }
    try check("one beside it") { try edit($0.appendingPathComponent(index), first, "../\(first)") }
    try check("one beside it") { try edit($0.appendingPathComponent(index), first, "x/\(first)") }
    try check("in two files") { folder in
      try FileManager.default.removeItem(at: folder.appendingPathComponent(second))
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent(first), to: folder.appendingPathComponent(second))
    }
    try check("expected a tensor that is there") { folder in
      let file = folder.appendingPathComponent(index)
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacingOccurrences(of: first, with: second).utf8).write(to: file)
    }
    try check("twice") { folder in
      try edit(folder.appendingPathComponent(index), #""weight_map": {"#, #""weight_map": {}, "weight_map": {"#)
    }
  }

  @Test("a number that is none is named with its tensor, in every type and place")
  func notFinite() throws {
    for (name, tensor, bytes) in [
      ("bert-sqrt-relu-f16", "embeddings.word_embeddings.weight", [0x00, 0x7c]),
      ("bert-cls-dense-bf16", "embeddings.word_embeddings.weight", [0xc0, 0x7f]),
      ("bert-mean-f32", "embeddings.word_embeddings.weight", [0, 0, 0x80, 0xff]),
      ("bert-mean-f32", "encoder.layer.1.output.dense.weight", [0, 0, 0xc0, 0x7f]),
      ("bert-sqrt-relu-f16", "encoder.layer.0.attention.self.key.bias", [0x01, 0x7e]),
    ] as [(String, String, [UInt8])] {
      let text = try outcome(name) { folder in
        let file = folder.appendingPathComponent("model.safetensors")
        var contents = Array(try Data(contentsOf: file))
        let start = try contents.withUnsafeBytes { bytes in
          let headerEnd = 8 + Int(LittleEndianBytes(bytes).u64(0))
          let found = try SafeTensors(bytes, source: "", part: "").tensors[tensor]
          return try #require(found).range.lowerBound + headerEnd
        }
        contents.replaceSubrange((start + 2 * bytes.count)..<(start + 3 * bytes.count), with: bytes)
        try Data(contents).write(to: file)
      }
      #expect(text.contains(tensor) && text.contains("at 2, expected finite numbers"), "\(text)")
    }
  }

  @Test("a header of more than 16 MiB is refused before it is read")
  func hugeHeader() throws {
    let text = try outcome("bert-mean-f32") { folder in
      var bytes = withUnsafeBytes(of: UInt64(17 << 20).littleEndian) { Array($0) }
      bytes += [UInt8](repeating: UInt8(ascii: "["), count: 18 << 20)
      try Data(bytes).write(to: folder.appendingPathComponent("model.safetensors"))
    }
    #expect(text.contains("a header of 17825792 bytes, expected at most 16777216"), "\(text)")
  }

  @Test("names in an archive that lead elsewhere are names alone: nothing is written but the model")
  func archivePaths() throws {
    try withTemporaryFolder { folder in
      let tiny = TinyModel()
      for prefix in ["../../outside/", "/tmp/outside/", "C:\\outside\\/"] {
        var zip = ZipWriter()
        for (path, contents) in tiny.allFiles.sorted(by: { $0.key < $1.key }) {
          zip.entries.append(.init(name: prefix + path, contents: contents))
        }
        let archive = folder.appendingPathComponent("a.zip")
        try Data(zip.archive).write(to: archive)
        let model = folder.appendingPathComponent("inner")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        try EncoderModel.import(
          from: archive.filePath, to: model.appendingPathComponent("a.fmodel").filePath, name: "a")
        let everything = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        #expect(everything == ["a.zip", "inner", "inner/a.fmodel"])
        try FileManager.default.removeItem(at: model)
      }
    }
  }

  @Test("an archive that is encrypted, of zip64, of several models or of none is refused with what was expected")
  func archives() throws {
    func refusal(_ zip: ZipWriter) throws -> String {
      try withTemporaryFolder { folder in
        let archive = folder.appendingPathComponent("a.zip")
        try Data(zip.archive).write(to: archive)
        do {
          try EncoderModel.import(
            from: archive.filePath, to: folder.appendingPathComponent("a.fmodel").filePath, name: "a")
          return "imported"
        } catch {
          return "\(error)"
        }
      }
    }
    let modules = ZipWriter.Entry(name: "modules.json", contents: Array("[]".utf8))
    var (secret, long, link) = (modules, modules, modules)
    secret.flags = 1
    long.countError = .max - 2
    link.mode = 0o120777
    var elsewhere = modules
    elsewhere.name = "b/modules.json"
    for (entries, expected) in [
      ([secret], "encrypted"), ([long], "zip64"), ([link], "symbolic link"),
      ([modules, elsewhere], "one modules.json"),
      ([], "no modules.json"), ([modules, modules], "unique names"), ([modules], "modules"),
    ] {
      let text = try refusal(ZipWriter(entries: entries))
      #expect(text.contains(expected), "\(text)")
    }
  }

  @Test("files with changed bytes are refused or encode something: nothing falls over")
  func mutations() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("mutations of models: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    /// Opens and encodes, where that is possible.
    func use(_ path: FilePath) {
      guard let model = try? EncoderModel(contentsOf: path) else { return }
      // By float32, and in eight bits where the model's shape allows.
      for path in [EncoderPath.reference, nil] {
        guard let encoder = try? EncoderChoice(model, path: path).encoder,
          let rows = try? encoder.encode(["the cat sings 猫", ""], as: .query)
        else { continue }
        #expect(rows.rows == 2, "seed \(seed)")
      }
    }
    for name in ["bert-cls-dense-bf16", "xlmr-max-dense-f16", "bert-unigram-sharded-f16"] {
      try withTemporaryFolder { folder in
        let source = try SmallModels.unpack(name, into: folder)
        let archive = Array(try Data(contentsOf: SmallModels.archive(name)))
        let result = folder.appendingPathComponent("a.fmodel")
        let files = try FileManager.default.subpathsOfDirectory(atPath: source.path)
          .map { source.appendingPathComponent($0) }.filter { !$0.hasDirectoryPath }
          .filter { (try? Data(contentsOf: $0)) != nil }.sorted { $0.path < $1.path }
        try EncoderModel.import(from: source.filePath, to: result.filePath, name: "a")
        let whole = Array(try Data(contentsOf: result))

        for round in 0..<120 {
          // A file of the source, mostly near its start, where headers are.
          let file = files[round % files.count]
          let before = try Data(contentsOf: file)
          try Data(mutated(Array(before), &generator)).write(to: file)
          do {
            try EncoderModel.import(from: source.filePath, to: result.filePath, name: "a")
            use(result.filePath)
          } catch { #expect(!"\(error)".isEmpty) }
          try before.write(to: file)

          // The archive.
          let zip = folder.appendingPathComponent("a.zip")
          try Data(mutated(archive, &generator)).write(to: zip)
          do {
            try EncoderModel.import(from: zip.filePath, to: result.filePath, name: "a")
          } catch { #expect(!"\(error)".isEmpty) }

          // The model file itself.
          try FileManager.default.removeItem(at: result)
          try Data(mutated(whole, &generator)).write(to: result)
          use(result.filePath)
        }
      }
    }
  }

  /// A few bytes changed, cut out or doubled.
  private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let near = Bool.random(using: &generator) ? min(bytes.count, 4096) : bytes.count
      guard near > 0 else { return bytes }
      let place = Int.random(in: 0..<near, using: &generator)
      switch Int.random(in: 0..<10, using: &generator) {
      case 0: bytes.removeLast(bytes.count - place)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(bytes[place], at: place)
      case 3: bytes[place] = UInt8(ascii: "9")
      case 4: bytes[place] = [0, 0xff, 0x7f, 0x80].randomElement(using: &generator)!
      default: bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
      }
    }
    return bytes
  }
}
