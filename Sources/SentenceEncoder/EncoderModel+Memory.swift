extension EncoderModel {
  /// Lets the system take back the pages of the vocabulary's embeddings that texts have touched so far. They are read
  /// again as they are needed, from the page cache as long as they are in it. To be called when there is nothing to do:
  /// a long corpus touches nearly all of them, which is half of a small model.
  package func releaseEmbeddings() {
    guard case .transformer(let weights) = network else {
      if case .table(let table) = network {
        releasePages(from: UnsafeRawPointer(table.values), count: table.rows * table.width)
      }
      return
    }
    let words = weights.words
    let (start, bytes): (UnsafeRawPointer, Int) =
      switch words.numbers {
      case .float32(let floats): (UnsafeRawPointer(floats), 4 * words.width)
      case .float16(let halves), .brainFloat16(let halves): (UnsafeRawPointer(halves), 2 * words.width)
      case .blocks4(let blocks):
        (UnsafeRawPointer(blocks), words.width / EmbeddingTable.blockNumbers * EmbeddingTable.blockBytes)
      }
    releasePages(from: start, count: words.rows * bytes)
  }
}
