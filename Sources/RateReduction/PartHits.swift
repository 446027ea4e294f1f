import CCodeKernels

/// What the threads of one scan find, each in its part of the rows.
///
/// `@unchecked Sendable`: each thread writes what is its part's alone, and all have ended when it is read.
final class PartHits: @unchecked Sendable {
  private let parts: Int
  private let queries: Int
  private let limit: Int
  private let hits: UnsafeMutablePointer<fumi_code_hit>
  private let counts: UnsafeMutablePointer<Int>

  init(parts: Int, queries: Int, limit: Int) {
    self.parts = parts
    self.queries = queries
    self.limit = limit
    hits = .allocate(capacity: parts * queries * limit)
    counts = .allocate(capacity: parts * queries)
    counts.initialize(repeating: 0, count: parts * queries)
  }

  deinit {
    hits.deallocate()
    counts.deallocate()
  }

  /// queries × limit.
  func hits(of part: Int) -> UnsafeMutablePointer<fumi_code_hit> { hits + part * queries * limit }

  /// How many hits each query has there.
  func found(of part: Int) -> UnsafeMutablePointer<Int> { counts + part * queries }

  /// The best of all parts: those of each are in order, and rows of a later part are higher.
  func best(of query: Int) -> [(row: Int32, score: Float)] {
    var all: [(row: Int32, score: Float)] = []
    for part in 0..<parts {
      let own = UnsafeBufferPointer(start: hits(of: part) + query * limit, count: found(of: part)[query])
      all.append(contentsOf: own.lazy.map { ($0.row, $0.score) })
    }
    guard parts > 1 else { return all }
    return Array(all.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(limit))
  }
}
