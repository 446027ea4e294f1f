import Foundation
import LinuxSystem
import SystemPackage

/// A model file taken apart: the header, and each part with its bounds checked.
struct ModelFileParts {
  let header: EncoderModelHeader
  /// What the file says its SHA-256 is.
  let digest: SHA256Digest
  private let file: MappedFile
  private let data: UnsafeRawBufferPointer

  init(_ file: MappedFile) throws(EncoderModelError) {
    let path = file.path.string
    func broken(_ got: String, _ expected: String) -> EncoderModelError {
      .malformedModel(path: path, got: got, expected: expected)
    }
    let bytes = LittleEndianBytes(file.bytes)
    guard bytes.count >= ModelFileFormat.preludeCount + ModelFileFormat.digestCount,
      file.bytes.prefix(ModelFileFormat.magic.count).elementsEqual(ModelFileFormat.magic)
    else { throw broken("\(bytes.count) bytes without our mark", "one that starts with \"FUMIKURA\"") }
    let version = bytes.u32(8)
    guard ModelFileFormat.versions.contains(version) else {
      guard version > ModelFileFormat.versions.upperBound else {
        throw .outdatedModel(path: path, version: Int(version))
      }
      throw broken("format version \(version)", "version \(ModelFileFormat.versions.upperBound) or an older program's")
    }
    guard bytes.u64(16) == UInt64(bytes.count) else { throw broken("\(bytes.count) bytes", "\(bytes.u64(16))") }
    let headerEnd = ModelFileFormat.preludeCount + Int(bytes.u32(12))
    let dataEnd = bytes.count - ModelFileFormat.digestCount
    let dataStart = ModelFileFormat.aligned(headerEnd)
    guard dataStart <= dataEnd else { throw broken("a header of \(bytes.u32(12)) bytes", "one within the file") }
    do {
      header = try JSONDecoder().decode(
        EncoderModelHeader.self, from: Data(file.bytes[ModelFileFormat.preludeCount..<headerEnd]))
    } catch {
      throw broken("a header that cannot be read (\(jsonReason(error)))", "a model's description")
    }
    self.file = file
    data = UnsafeRawBufferPointer(rebasing: file.bytes[dataStart..<dataEnd])
    digest = SHA256Digest(bytes: file.bytes[dataEnd...])!
    try checkHeader()
  }

  private func broken(_ got: String, _ expected: String) -> EncoderModelError {
    .malformedModel(path: file.path.string, got: got, expected: expected)
  }

  private func checkHeader() throws(EncoderModelError) {
    guard header.family.isTransformer else { return try checkStaticHeader() }
    for (what, got, range) in [
      ("dimensions", header.dimensions, 1...8192), ("hidden dimensions", header.hiddenSize, 1...8192),
      ("layers", header.layers, 1...256), ("heads", header.heads, 1...header.hiddenSize.clamped(1, 8192)),
      ("inner dimensions", header.feedForward, 1...65536),
      ("pieces", header.vocabulary, 1...4_000_000), ("positions", header.positions, 2...65536),
      ("tokens", header.maximumTokens, 2...header.positions.clamped(2, 65536)),
      ("dense layers", header.dense.count, 0...16),
    ] where !range.contains(got) {
      throw broken("\(got) \(what)", "\(range)")
    }
    guard header.hiddenSize % header.heads == 0 else {
      throw broken("\(header.hiddenSize) hidden dimensions in \(header.heads) heads", "a multiple")
    }
    guard header.layerNormEpsilon.isFinite, header.layerNormEpsilon >= 0 else {
      throw broken("a layer norm epsilon of \(header.layerNormEpsilon)", "one of 0 or more")
    }
    var width = header.hiddenSize
    for (index, layer) in header.dense.enumerated() {
      guard layer.inputs == width, (1...8192).contains(layer.outputs) else {
        throw broken("dense layer \(index) of \(layer.inputs) to \(layer.outputs) numbers", "\(width) to 1...8192")
      }
      width = layer.outputs
    }
    guard width == header.dimensions else { throw broken("\(header.dimensions) dimensions", "\(width)") }
  }

  private func checkStaticHeader() throws(EncoderModelError) {
    for (what, got, range) in [
      ("dimensions", header.dimensions, 1...8192), ("pieces", header.vocabulary, 1...4_000_000),
      ("tokens", header.maximumTokens, 2...65536), ("layers", header.layers, 0...0), ("heads", header.heads, 0...0),
      ("inner dimensions", header.feedForward, 0...0), ("positions", header.positions, 0...0),
      ("dense layers", header.dense.count, 0...0),
    ] where !range.contains(got) {
      throw broken("\(got) \(what)", range.count == 1 ? "0 in a static model" : "\(range)")
    }
    guard header.hiddenSize == header.dimensions else {
      throw broken("\(header.hiddenSize) hidden dimensions", "\(header.dimensions), those of a static model's vectors")
    }
    guard header.pooling == .mean else { throw broken("pooling by \(header.pooling.rawValue)", "the mean") }
  }

  private func checkWordPiece(_ wordPiece: WordPieceDescription) throws(EncoderModelError) {
    guard (1...1000).contains(wordPiece.maximumWordLength) else {
      throw broken("\(wordPiece.maximumWordLength) scalars in a word", "1...1000")
    }
    for id in [wordPiece.opening, wordPiece.closing, wordPiece.unknown] + wordPiece.special.map(\.id)
      + (wordPiece.conditional ?? []).map(\.id)
    where !(0..<Int32(header.vocabulary)).contains(id) {
      throw broken("token \(id)", "one below \(header.vocabulary)")
    }
  }

  /// The tokenizer. Large tables are read where they are mapped; the others are copied and checked.
  func tokenizer() throws(EncoderModelError) -> any Tokenizer {
    switch header.tokenizer {
    case .wordPiece: try wordPieceTokenizer()
    case .unigram: try unigramTokenizer()
    }
  }

  private func unigramTokenizer() throws(EncoderModelError) -> UnigramTokenizer {
    guard let description = header.unigram else { throw broken("no description of the tokenizer", "one") }
    return try UnigramTokenizer(
      description, vocabulary: header.vocabulary, owner: file, malformed: { broken($0, $1) },
      part: { (name, number) throws(EncoderModelError) in try bytes(name, number, shape: nil) })
  }

  private func wordPieceTokenizer() throws(EncoderModelError) -> WordPieceTokenizer {
    guard let description = header.wordPiece else { throw broken("no description of the tokenizer", "one") }
    try checkWordPiece(description)
    let slots = MappedNumbers<UInt32>(try bytes("tokenizer.trie", .unsigned32, shape: nil), owner: file)
    guard let trie = PieceTrie(slots: slots, vocabulary: header.vocabulary) else {
      throw broken("a vocabulary trie of broken slots", "whole ones")
    }
    guard
      let normalization = NormalizationTable(
        blocks: try numbers("tokenizer.normalization.blocks", .unsigned16),
        entries: try numbers("tokenizer.normalization.entries", .unsigned32),
        expansions: try numbers("tokenizer.normalization.expansions", .unsigned32))
    else { throw broken("a normalization table that leads outside", "one within its entries") }
    return WordPieceTokenizer(description, trie: trie, normalization: normalization)
  }

  /// The place of a float part of exactly `shape`.
  func floats(_ name: String, shape: [Int]) throws(EncoderModelError) -> UnsafePointer<Float> {
    let bytes = try bytes(name, .float32, shape: shape)
    return bytes.baseAddress!.assumingMemoryBound(to: Float.self)
  }

  /// The vocabulary's embeddings, in whichever form the file has them.
  func embeddingTable() throws(EncoderModelError) -> EmbeddingTable {
    let (name, shape) = ("embedding.words", [header.vocabulary, header.hiddenSize])
    let number = header.parts[name]?.number ?? .float32
    let start = try bytes(name, number, shape: shape).baseAddress!
    let numbers: EmbeddingTable.Numbers
    switch number {
    case .float32: numbers = .float32(start.assumingMemoryBound(to: Float.self))
    case .float16: numbers = .float16(start.assumingMemoryBound(to: UInt16.self))
    case .brainFloat16: numbers = .brainFloat16(start.assumingMemoryBound(to: UInt16.self))
    case .blocks4 where header.hiddenSize % EmbeddingTable.blockNumbers == 0:
      numbers = .blocks4(start.assumingMemoryBound(to: UInt8.self))
    default: throw broken("\(name) of \(number.rawValue) in rows of \(header.hiddenSize)", "f32, f16, bf16 or q4_0")
    }
    return EmbeddingTable(rows: header.vocabulary, width: header.hiddenSize, numbers: numbers)
  }

  /// A static model's token vectors.
  func tokenTable() throws(EncoderModelError) -> TokenTable {
    let (rows, width) = (header.vocabulary, header.dimensions)
    let values = try bytes(TokenTable.valuesPart, .signed8, shape: [rows, width])
    return TokenTable(
      rows: rows, width: width, values: values.baseAddress!.assumingMemoryBound(to: Int8.self),
      scales: try floats(TokenTable.scalesPart, shape: [rows]))
  }

  /// The tokenizer's parts, to be written as they are into another model's file.
  func tokenizerParts() throws(EncoderModelError) -> [ModelFileFormat.NamedPart] {
    var parts: [ModelFileFormat.NamedPart] = []
    for (name, part) in header.parts.sorted(by: { $0.key < $1.key }) where name.hasPrefix("tokenizer.") {
      let bytes = try bytes(name, part.number, shape: part.shape)
      let file = file
      parts.append(
        ModelFileFormat.NamedPart(name, part.number, shape: part.shape) { put in
          try withExtendedLifetime(file) { try put(bytes) }
        })
    }
    return parts
  }

  /// A copy of an integer part of any length.
  private func numbers<Number: BitwiseCopyable>(
    _ name: String, _ number: EncoderModelHeader.Part.Number
  ) throws(EncoderModelError) -> [Number] {
    let bytes = try bytes(name, number, shape: nil)
    return Array(bytes.assumingMemoryBound(to: Number.self))
  }

  private func bytes(
    _ name: String, _ number: EncoderModelHeader.Part.Number, shape: [Int]?
  ) throws(EncoderModelError) -> UnsafeRawBufferPointer {
    guard let part = header.parts[name] else { throw broken("no part \(name)", "one") }
    guard part.number == number else { throw broken("\(name) of \(part.number.rawValue)", number.rawValue) }
    if let shape, part.shape != shape { throw broken("\(name) of shape \(part.shape)", "\(shape)") }
    var numbers = 1
    for length in part.shape {
      let (product, overflow) = numbers.multipliedReportingOverflow(by: length)
      guard length > 0, !overflow else { throw broken("\(name) of shape \(part.shape)", "lengths that fit") }
      numbers = product
    }
    guard let count = number.byteCount(of: numbers) else {
      throw broken("\(name) of shape \(part.shape)", "lengths that fit")
    }
    guard part.offset >= 0, part.offset % ModelFileFormat.alignment == 0, part.offset <= data.count,
      count <= data.count - part.offset
    else { throw broken("\(name), \(count) bytes at \(part.offset)", "a part within \(data.count) bytes") }
    return UnsafeRawBufferPointer(rebasing: data[part.offset..<(part.offset + count)])
  }
}

extension Int {
  fileprivate func clamped(_ lowest: Int, _ highest: Int) -> Int { Swift.min(Swift.max(self, lowest), highest) }
}
