import CEncoderKernels
package import LinearAlgebra

/// The encoder of a static model: a text's vector is the sum of its tokens' vectors, scaled to length 1.
///
/// No token knows of its neighbours, which costs quality and makes it some hundred times as fast as a transformer: half
/// of the time goes to the tokenizer. Safe from several threads at once.
package final class StaticEncoder: SentenceEncoder {
  package let model: EncoderModel
  private let table: TokenTable
  package var dimensions: Int { model.dimensions }

  /// - Precondition: the model is a static one.
  package init(model: EncoderModel) {
    guard case .table(let table) = model.network else { preconditionFailure("\(model.name) is not static") }
    self.model = model
    self.table = table
  }

  package func encode(_ texts: [String], as role: TextRole) throws -> Matrix {
    var result = Matrix(rows: texts.count, columns: dimensions)
    result.values.withUnsafeMutableBufferPointer { rows in
      for (index, text) in texts.enumerated() {
        sum(model.tokenIDs(of: text, as: role), to: rows.baseAddress! + index * dimensions)
      }
    }
    return result
  }

  /// The unit vectors of texts that are cut into tokens already.
  ///
  /// - Precondition: every id is of the vocabulary.
  package func encode(tokenIDs: [[Int32]]) -> Matrix {
    var result = Matrix(rows: tokenIDs.count, columns: dimensions)
    result.values.withUnsafeMutableBufferPointer { rows in
      for (index, ids) in tokenIDs.enumerated() { sum(ids, to: rows.baseAddress! + index * dimensions) }
    }
    return result
  }

  private func sum(_ ids: [Int32], to out: UnsafeMutablePointer<Float>) {
    table.sum(of: ids, to: out)
    fumikura_scale_to_unit(out, table.width)
  }
}
