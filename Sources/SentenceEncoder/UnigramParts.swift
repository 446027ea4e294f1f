extension UnigramTokenizer {
  /// The tokenizer of a model file, its tables read where they are mapped. `part` gives the place of a named part,
  /// checked to be within the file; `owner` keeps that mapped; `malformed` makes the error of what was got and expected.
  init(
    _ description: UnigramDescription, vocabulary: Int, owner: AnyObject,
    malformed: (String, String) -> EncoderModelError,
    part: (String, EncoderModelHeader.Part.Number) throws(EncoderModelError) -> UnsafeRawBufferPointer
  ) throws(EncoderModelError) {
    func numbers<Number: BitwiseCopyable & Sendable>(
      _ name: String, _ number: EncoderModelHeader.Part.Number, _: Number.Type
    ) throws(EncoderModelError) -> MappedNumbers<Number> {
      MappedNumbers(try part("tokenizer.\(name)", number), owner: owner)
    }
    let scores = try numbers("scores", .float64, Double.self)
    guard scores.count <= vocabulary else { throw malformed("\(scores.count) scores", "at most \(vocabulary)") }
    guard
      let trie = PieceTrie(slots: try numbers("trie", .unsigned32, UInt32.self), vocabulary: scores.count)
    else { throw malformed("a vocabulary trie of broken slots", "whole ones") }
    guard
      let characters = CharacterMap(
        blocks: try numbers("characters.blocks", .unsigned16, UInt16.self),
        entries: try numbers("characters.entries", .unsigned32, UInt32.self),
        replacements: try numbers("characters.replacements", .unsigned8, UInt8.self),
        clusters: try numbers("characters.clusters", .unsigned32, UInt32.self),
        clusterReplacements: try numbers("characters.clusters.replacements", .unsigned32, UInt32.self))
    else { throw malformed("a character map that leads outside", "one within its entries") }
    for id in [description.opening, description.closing, description.unknown] + description.added.map(\.id)
    where !(0..<Int32(vocabulary)).contains(id) {
      throw malformed("token \(id)", "one below \(vocabulary)")
    }
    self.init(description, characters: characters, trie: trie, scores: scores)
  }

  /// The parts of a model file that the initializer above reads.
  static func parts(
    pieces: [[UInt8]], scores: [Double], characters: CharacterMap
  ) -> [ModelFileFormat.NamedPart] {
    typealias Part = ModelFileFormat.NamedPart
    let trie = PieceTrie(pieces).slots.array
    var offsets: [UInt32] = [0]
    for piece in pieces { offsets.append(offsets.last! + UInt32(piece.count)) }
    let (blocks, entries) = (characters.blocks.array, characters.entries.array)
    let (replacements, clusters) = (characters.replacements.array, characters.clusters.slots.array)
    let clusterReplacements = characters.clusterReplacements.array
    return [
      Part("tokenizer.pieces", .unsigned8, shape: [Int(offsets.last!)], pieces.flatMap(\.self)),
      Part("tokenizer.pieces.offsets", .unsigned32, shape: [offsets.count], offsets),
      Part("tokenizer.scores", .float64, shape: [scores.count], scores),
      Part("tokenizer.trie", .unsigned32, shape: [trie.count / 3, 3], trie),
      Part("tokenizer.characters.blocks", .unsigned16, shape: [blocks.count], blocks),
      Part("tokenizer.characters.entries", .unsigned32, shape: [entries.count / 256, 256], entries),
      Part("tokenizer.characters.replacements", .unsigned8, shape: [replacements.count], replacements),
      Part("tokenizer.characters.clusters", .unsigned32, shape: [clusters.count / 3, 3], clusters),
      Part(
        "tokenizer.characters.clusters.replacements", .unsigned32, shape: [clusterReplacements.count],
        clusterReplacements),
    ]
  }
}
