/// The JSON header of a model file: what the model is, and where its parts lie.
struct EncoderModelHeader: Codable, Equatable {
  /// One array of numbers in the file, row-major, little-endian.
  struct Part: Codable, Equatable {
    enum Number: String, Codable {
      case float32 = "f32"
      case float64 = "f64"
      case unsigned8 = "u8"
      case unsigned16 = "u16"
      case unsigned32 = "u32"

      var width: Int {
        switch self {
        case .float64: 8
        case .float32, .unsigned32: 4
        case .unsigned16: 2
        case .unsigned8: 1
        }
      }
    }

    let number: Number
    let shape: [Int]
    /// Bytes from the start of the data; a multiple of 64.
    let offset: Int
  }

  let name: String
  /// "bert".
  let architecture: String
  let dimensions: Int
  let layers: Int
  let heads: Int
  let feedForward: Int
  let vocabulary: Int
  /// Of a text, its opening and closing token among them.
  let maximumTokens: Int
  let positions: Int
  let layerNormEpsilon: Float
  /// "gelu", with the error function.
  let activation: String
  /// "mean", over all tokens.
  let pooling: String
  /// Whether the vectors are scaled to length 1.
  let normalize: Bool
  /// "wordpiece".
  let tokenizer: String
  let wordPiece: WordPieceDescription
  /// By name.
  let parts: [String: Part]
}
