/// The vector of a question that was made of a passage.
package struct NewQuestion: Sendable, Hashable {
  /// As it was when the question was made of it.
  package let passage: PassageDetail
  /// Its key is that of the question's text.
  package let vector: NewVector

  package init(passage: PassageDetail, vector: NewVector) {
    self.passage = passage
    self.vector = vector
  }
}
