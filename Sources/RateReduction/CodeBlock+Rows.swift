extension CodeBlock {
  /// A block of some of the rows, in the order given.
  package func rows(_ rows: [Int]) -> CodeBlock {
    let chosen = CodeBlock(format: format, capacity: rows.count)
    for row in rows { chosen.append(code(at: row)) }
    return chosen
  }

  /// The score of every row, in their order.
  package func scores(_ query: CodeQuery) -> [Float] {
    let all = topRows(query, in: self, count: count)
    var scores = [Float](repeating: 0, count: all.count)
    for hit in all { scores[Int(hit.row)] = hit.score }
    return scores
  }
}
