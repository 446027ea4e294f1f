import Foundation
package import LinearAlgebra
import LinuxSystem
package import SentenceEncoder

/// One list of texts, encoded by several threads that each take the next few.
package enum ParallelEncoding {
  /// Texts handed to a thread at once: enough for full batches, few enough that the threads end together.
  private static let slice = 32

  /// A unit row for each text, in the order given. The first failure ends the work and is thrown.
  package static func encode(
    _ texts: [String], as role: TextRole, _ encoder: any SentenceEncoder, threads: Int,
    progress: @escaping @Sendable (_ more: Int) -> Void = { _ in }
  ) throws -> Matrix {
    // Texts of like length side by side, the longest first so that the last slices are short ones.
    let order = texts.indices.sorted { (texts[$0].utf8.count, $0) > (texts[$1].utf8.count, $1) }
    let slices = stride(from: 0, to: order.count, by: slice).map { Array(order[$0..<min($0 + slice, order.count)]) }
    let work = Work(slices: slices, running: threads)
    let pool = WorkerThreads(name: "encode", count: threads, priority: .query)
    for _ in 0..<threads {
      pool.submit {
        while let rows = work.next() {
          do {
            work.finish(rows, try encoder.encode(rows.map { texts[$0] }, as: role))
            progress(rows.count)
          } catch {
            work.fail(error)
          }
        }
        work.leave()
      }
    }
    pool.stop()
    return try work.result(rows: texts.count, columns: encoder.dimensions)
  }

  /// What the threads share; everything is touched under the condition's lock only, hence unchecked.
  private final class Work: @unchecked Sendable {
    private let condition = NSCondition()
    private var slices: [[Int]]
    private var done: [(rows: [Int], vectors: Matrix)] = []
    private var failure: (any Error)?
    private var running: Int

    init(slices: [[Int]], running: Int) {
      self.slices = slices.reversed()
      self.running = running
    }

    func next() -> [Int]? { condition.withLock { failure == nil ? slices.popLast() : nil } }

    func finish(_ rows: [Int], _ vectors: Matrix) { condition.withLock { done.append((rows, vectors)) } }

    func fail(_ error: any Error) { condition.withLock { failure = failure ?? error } }

    func leave() {
      condition.withLock {
        running -= 1
        condition.broadcast()
      }
    }

    /// Waits for every thread to leave.
    func result(rows: Int, columns: Int) throws -> Matrix {
      try condition.withLock {
        while running > 0 { condition.wait() }
        if let failure { throw failure }
        var values = [Float](repeating: 0, count: rows * columns)
        for (places, vectors) in done {
          for (index, place) in places.enumerated() {
            for column in 0..<columns { values[place * columns + column] = vectors.values[index * columns + column] }
          }
        }
        return Matrix(rows: rows, columns: columns, values: values)
      }
    }
  }
}
