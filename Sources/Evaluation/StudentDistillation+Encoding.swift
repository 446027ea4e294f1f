import Foundation
package import LinearAlgebra
package import SentenceEncoder
import SystemPackage

extension StudentDistillation {
  /// Distils a student out of `teacher` on the passages alone, and encodes them and `queries` by it, as it would be from
  /// its file: what `evaluate` measures.
  ///
  /// - Returns: unit rows of all passages and of the queries, in their order.
  package func vectors(
    ofPassages passages: [Passage], queries: [String], teacher: EncoderModel, encode: Encoding,
    progress: @escaping @Sendable (Double) -> Bool = { _ in true }
  ) throws -> (passages: Matrix, queries: Matrix) {
    let student = try distil(teacher: teacher, passages: passages, encode: encode, progress: progress)
    let file = FilePath(FileManager.default.temporaryDirectory.path).appending("\(UUID().uuidString).fmodel")
    try teacher.writeStatic(tokenVectors: student.tokenVectors, to: file, name: "student")
    // Open, it stays mapped; its name is not needed any more.
    let model = Result { try EncoderModel(contentsOf: file) }
    try FileManager.default.removeItem(atPath: file.string)
    let encoder = StaticEncoder(model: try model.get())
    return (
      try encoder.encode(Self.texts(of: passages), as: .passage), try encoder.encode(queries, as: .query)
    )
  }

  /// What is encoded of each passage: title, blank, text.
  static func texts(of passages: [Passage]) -> [String] {
    passages.map { $0.title.isEmpty ? $0.text : "\($0.title) \($0.text)" }
  }
}
