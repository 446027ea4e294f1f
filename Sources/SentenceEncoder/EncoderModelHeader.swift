/// The JSON header of a model file: what the model is, and where its parts lie.
///
/// A static model has no layers: its `layers`, `heads`, `feedForward` and `positions` are 0, its pooling is the mean.
package struct EncoderModelHeader: Codable, Equatable, Sendable {
  /// One array of numbers in the file, row-major, little-endian.
  struct Part: Codable, Equatable {
    enum Number: String, Codable {
      case float32 = "f32"
      case float64 = "f64"
      /// IEEE 754 binary16.
      case float16 = "f16"
      /// The upper half of a float32.
      case brainFloat16 = "bf16"
      case signed8 = "i8"
      case unsigned8 = "u8"
      case unsigned16 = "u16"
      case unsigned32 = "u32"
      /// Blocks of 32 numbers in 18 bytes: see `EmbeddingTable`. The shape counts numbers.
      case blocks4 = "q4_0"

      /// Bytes of `numbers` numbers, or nil where they fill no whole blocks or the product overflows.
      func byteCount(of numbers: Int) -> Int? {
        let (count, width): (Int, Int) =
          switch self {
          case .float64: (numbers, 8)
          case .float32, .unsigned32: (numbers, 4)
          case .float16, .brainFloat16, .unsigned16: (numbers, 2)
          case .signed8, .unsigned8: (numbers, 1)
          case .blocks4: (numbers / EmbeddingTable.blockNumbers, EmbeddingTable.blockBytes)
          }
        if self == .blocks4, numbers % EmbeddingTable.blockNumbers != 0 { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
        return overflow ? nil : bytes
      }
    }

    let number: Number
    let shape: [Int]
    /// Bytes from the start of the data; a multiple of 64.
    let offset: Int
  }

  /// A fully connected layer between pooling and the result.
  package struct Dense: Codable, Equatable, Sendable {
    package let inputs: Int
    package let outputs: Int
    package let activation: DenseActivation
  }

  package let name: String
  /// Where it comes from, as its own configuration says: a name on a hub, say.
  package let origin: String?
  package let family: ModelFamily
  /// The width of the transformer.
  package let hiddenSize: Int
  /// The length of a vector: `hiddenSize`, or the outputs of the last dense layer.
  package let dimensions: Int
  package let layers: Int
  package let heads: Int
  package let feedForward: Int
  package let vocabulary: Int
  /// Of a text, its opening and closing token among them.
  package let maximumTokens: Int
  /// Rows of the position embeddings: row *i* is the one of a text's token *i*, in every family.
  package let positions: Int
  package let layerNormEpsilon: Float
  package let activation: FeedForwardActivation
  package let pooling: Pooling
  /// In the order in which they apply; empty in most models.
  package let dense: [Dense]
  /// Whether the model itself scales its vectors to length 1. An index holds unit vectors in any case: `OutputHead`
  /// scales them whatever this says.
  package let normalizes: Bool
  package let prompts: Prompts
  /// How the weights were written where they come from: "F32", "F16", "BF16", "Q4_0".
  package let weightType: String
  package let tokenizer: TokenizerKind
  /// Where `tokenizer` is `.wordPiece`.
  let wordPiece: WordPieceDescription?
  /// Where `tokenizer` is `.unigram`.
  let unigram: UnigramDescription?
  /// By name.
  let parts: [String: Part]
}
