package import LinearAlgebra

/// Turns texts into vectors whose dot product says how alike in meaning they are.
package protocol SentenceEncoder: Sendable {
  /// The length of every vector.
  var dimensions: Int { get }

  /// The unit vectors of `texts`, `texts.count` × `dimensions`, in the order given, each with the prompt that the model
  /// has for such texts. Computes on the calling thread and returns when all are done.
  func encode(_ texts: [String], as role: TextRole) throws -> Matrix
}
