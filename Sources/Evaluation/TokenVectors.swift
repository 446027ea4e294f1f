import LinearAlgebra
import SentenceEncoder

/// What a model makes of its vocabulary's pieces.
enum TokenVectors {
  /// The vector of each piece alone between the opening and the closing token: vocabulary × dimensions, unit rows.
  static func alone(in model: EncoderModel) throws -> Matrix {
    let ends = model.tokenIDs(of: "", as: .plain)
    let (opening, closing) = (ends[0], ends[ends.count - 1])
    let ids = (0..<Int32(model.header.vocabulary)).map { [opening, $0, closing] }
    let encoder = try EncoderChoice(model).encoder
    if let fast = encoder as? FastEncoder { return fast.encode(tokenIDs: ids) }
    return ReferenceEncoder(model: model).encode(tokenIDs: ids)
  }
}
