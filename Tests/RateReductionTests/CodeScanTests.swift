import LinearAlgebra
import LinuxSystem
import Testing

@testable import RateReduction

@Suite struct CodeScanTests {
  /// The meaning of a scan in ten lines: integer products, one factor, all rows sorted.
  private func reference(
    _ row: [Float], _ block: CodeBlock, allowed: (Int) -> Bool = { _ in true }, count: Int
  ) -> [(row: Int32, score: Float)] {
    let (format, perByte) = (block.format, 8 / block.format.bits)
    let largest = row.reduce(0) { max($0, abs($1)) }
    let integers = row.map { Int(($0 / largest * 8191).rounded()) }
    let bias = (format.doubledOffset * integers.reduce(0, +)) >> 1
    let scored = (0..<block.count).filter(allowed).map { row -> (row: Int32, score: Float) in
      let code = block.code(at: row)
      let sum = (0..<format.dimensions).reduce(0) { sum, i in
        let value = Int(code[i / perByte] >> UInt8(i % perByte * format.bits)) & (1 << format.bits - 1)
        return sum + value * integers[i]
      }
      let norm = code.withUnsafeBufferPointer { format.inverseNorm(of: $0) }
      return (Int32(row), Float(sum - bias) * norm * (largest / 8191))
    }
    return Array(scored.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(count))
  }

  private func block(_ format: CodeFormat, rows: Int, using random: inout SeededGenerator) -> CodeBlock {
    let block = CodeBlock(format: format)
    let unused = UInt8(truncatingIfNeeded: 0xff >> (format.bytesPerCode * 8 - format.dimensions * format.bits))
    for row in 0..<rows {
      var code = (0..<format.bytesPerCode).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      code[code.count - 1] &= unused
      // Some rows repeat an earlier one, so that scores are equal.
      block.append(row > 3 && random.index(below: 4) == 0 ? block.code(at: random.index(below: row)) : code)
    }
    return block
  }

  static let kernels = ScanKernel.allCases.filter(\.isAvailable)

  @Test(arguments: kernels)
  func `each kernel of this machine finds exactly what the reference finds`(kernel: ScanKernel) {
    let seed: UInt64 = 20_261
    print("seed \(seed), kernel \(kernel.rawValue)")
    var random = SeededGenerator(seed: seed)
    for round in 0..<150 {
      let bits = [8, 4, 2, 1][round % 4]
      // Codes of 16 and 32 bytes have ways of their own.
      let dimensions =
        round % 5 == 0 ? 128 * (1 + round / 5 % 2) / bits : 1 + random.index(below: round % 3 == 0 ? 700 : 150)
      let format =
        round % 8 == 4 ? CodeFormat.source(dimensions: dimensions) : CodeFormat(dimensions: dimensions, bits: bits)
      let rows = random.index(below: 200)
      let block = block(format, rows: rows, using: &random)
      let row = (0..<dimensions).map { _ in Float(random.gaussian()) }
      let query = CodeQuery(rotated: row, format: format)
      let count = random.index(below: 40)
      let bitmap = (0..<(rows + 63) / 64).map { _ in random.next() & random.next() }
      let all = topRows(query, in: block, count: count, kernel: kernel)
      #expect(equal(all, reference(row, block, count: count)), "\(format), \(rows) rows, round \(round)")
      let some = bitmap.withUnsafeBufferPointer {
        topRows(query, in: block, allowed: $0.baseAddress, count: count, kernel: kernel)
      }
      let expected = reference(row, block, allowed: { bitmap[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }, count: count)
      #expect(equal(some, rows == 0 ? [] : expected), "\(format), \(rows) rows filtered, round \(round)")
      let (low, high) = (random.index(below: rows + 1), random.index(below: rows + 1))
      let range = min(low, high)..<max(low, high)
      let part = topRows(query, in: block, rows: range, count: count, kernel: kernel)
      #expect(equal(part, reference(row, block, allowed: range.contains, count: count)), "\(range), round \(round)")
    }
  }

  @Test(arguments: kernels)
  func `a bound leaves out no row that counts, however the rows and the query are distributed`(kernel: ScanKernel) {
    let seed: UInt64 = 771
    print("seed \(seed), kernel \(kernel.rawValue)")
    var random = SeededGenerator(seed: seed)
    for round in 0..<24 {
      let bits = [8, 4, 2, 1][round % 4]
      let dimensions = [128, 96, 37, 256, 64, 16][round / 4]
      let format = CodeFormat(dimensions: dimensions, bits: bits)
      // Near copies of a few rows, with a query near one of them: most scores are close together, and close to the bound.
      let block = CodeBlock(format: format)
      let patterns = self.block(format, rows: 3, using: &random)
      for _ in 0..<3000 {
        var code = patterns.code(at: random.index(below: 3))
        code[random.index(below: code.count)] ^= 1
        block.append(code)
      }
      let offset = Float(format.doubledOffset) / 2
      let row = (0..<dimensions).map { i -> Float in
        let value = patterns.code(at: 0)[i / format.valuesPerByte] >> UInt8(i % format.valuesPerByte * bits)
        let spike: Float = round % 3 == 0 && i == 5 ? 40 : 0
        return Float(value & UInt8(truncatingIfNeeded: 1 << bits - 1)) - offset + spike
      }
      for sign in [Float(1), -1] {
        for count in [1, 10, 300, 2900] {
          let signed = row.map { $0 * sign }
          let found = topRows(CodeQuery(rotated: signed, format: format), in: block, count: count, kernel: kernel)
          #expect(equal(found, reference(signed, block, count: count)), "\(format), best \(count), round \(round)")
        }
      }
    }
  }

  @Test func `several queries in one scan, and several threads, find what one query on one thread finds`() {
    let seed: UInt64 = 90
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let team = ThreadTeam(3)
    defer { team.stop() }
    for bits in [8, 4, 2, 1] {
      let format = CodeFormat(dimensions: 24, bits: bits)
      let block = CodeBlock(format: format)
      let rows = 40_000
      // One code in two comes several times, so that equal scores meet where the threads' parts do.
      let codes = (0..<rows * format.bytesPerCode).map { _ in UInt8(truncatingIfNeeded: random.next() & 0x33) }
      block.append(codes)
      let bitmap = (0..<rows / 64).map { _ in random.next() }
      let queries = (0..<5).map { _ in
        CodeQuery(rotated: (0..<24).map { _ in Float(random.gaussian()) }, format: format)
      }
      for (range, count) in [(0..<rows, 10), (1234..<39_001, 500), (17..<30, 40), (0..<rows, 0)] {
        for isFiltered in [false, true] {
          bitmap.withUnsafeBufferPointer { words in
            let allowed = isFiltered ? words.baseAddress : nil
            let alone = queries.map { topRows($0, in: block, rows: range, allowed: allowed, count: count) }
            for team in [nil, team] {
              let together = topRows(queries, in: block, rows: range, allowed: allowed, count: count, team: team)
              #expect(together.count == 5)
              for (a, b) in zip(together, alone) {
                #expect(equal(a, b), "\(bits) bits, rows \(range), best \(count), \(team?.threads ?? 1) threads")
              }
            }
          }
        }
      }
    }
  }

  @Test(arguments: kernels)
  func `the largest sums do not overflow`(kernel: ScanKernel) {
    for bits in [8, 4, 2, 1] {
      let format = CodeFormat(dimensions: 2048, bits: bits)
      for (fill, sign) in [(UInt8(0xff), Float(1)), (0xff, -1), (0, 1), (0, -1)] {
        let block = CodeBlock(format: format)
        block.append([UInt8](repeating: fill, count: format.bytesPerCode))
        let query = CodeQuery(rotated: [Float](repeating: sign, count: 2048), format: format)
        let score = topRows(query, in: block, count: 1, kernel: kernel)[0].score
        let expected = (fill == 0 ? -sign : sign) * Float(2048).squareRoot()
        #expect(abs(score - expected) < 1e-3, "\(bits) bits of \(fill), query \(sign)")
      }
    }
  }

  @Test func `equal scores are ordered by row, and NaN is never found`() {
    let format = CodeFormat(dimensions: 4, bits: 8)
    let block = CodeBlock(format: format)
    for _ in 0..<40 { block.append([200, 100, 50, 25]) }
    let query = CodeQuery(rotated: [1, 0, 0, 0], format: format)
    #expect(topRows(query, in: block, count: 5).map(\.row) == [0, 1, 2, 3, 4])
    #expect(topRows(query, in: block, count: 100).map(\.row) == Array(0..<40))
    let odd = CodeQuery(rotated: [.nan, .infinity, 0, 0], format: format)
    #expect(topRows(odd, in: block, count: 2).map(\.score) == [0, 0])
    #expect(topRows(query, in: CodeBlock(format: format), count: 3).isEmpty)
    #expect(topRows(query, in: block, count: 0).isEmpty)
  }

  @Test func `a caller who may see one row in a thousand gets a full page of them`() {
    var random = SeededGenerator(seed: 8)
    let format = CodeFormat(dimensions: 16, bits: 4)
    let block = CodeBlock(format: format)
    block.append((0..<20_000 * 8).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    var bitmap = [UInt64](repeating: 0, count: (20_000 + 63) / 64)
    for row in stride(from: 7, to: 20_000, by: 1000) { bitmap[row / 64] |= 1 << UInt64(row % 64) }
    let query = CodeQuery(rotated: (0..<16).map { _ in Float(random.gaussian()) }, format: format)
    let hits = bitmap.withUnsafeBufferPointer { topRows(query, in: block, allowed: $0.baseAddress, count: 10) }
    #expect(hits.count == 10)
    #expect(hits.allSatisfy { $0.row % 1000 == 7 })
  }

  @Test func `scores are the dot products of the query with decoded rows`() throws {
    var random = SeededGenerator(seed: 12)
    let rows = Corpus.clustered(rows: 500, columns: 128, seed: 13)
    let queries = Corpus.near(rows.rows(0..<20), noise: 0.5, seed: 14)
    for bits in [8, 4, 2, 1] {
      let quantizer = try CodeQuantizer.fit(rows, format: CodeFormat(dimensions: 128, bits: bits), seed: random.next())
      let block = CodeBlock(format: quantizer.format)
      block.append(quantizer.encode(rows))
      let exact = queries.timesTransposed(quantizer.decode(quantizer.encode(rows)))
      var worst: Float = 0
      for q in 0..<20 {
        for hit in topRows(quantizer.query(queries.row(q)), in: block, count: 500) {
          worst = max(worst, abs(hit.score - exact[q, Int(hit.row)]))
        }
      }
      print("\(bits) bits: rounding the query moves a score by at most \(worst)")
      #expect(worst < 1e-4)
    }
  }

  @Test func `source vectors are scanned by their cosine`() {
    let rows = Corpus.clustered(rows: 300, columns: 384, seed: 15)
    let block = CodeBlock(format: .source(dimensions: 384))
    for r in 0..<300 { block.append(SourceVector(rows.row(r)).code) }
    block.append(SourceVector([Float](repeating: 0, count: 384)).code)
    let exact = rows.timesTransposed(rows)
    let hits = topRows(CodeQuery(source: rows.row(42)), in: block, count: 301)
    #expect(hits[0].row == 42)
    #expect(hits.count == 301)
    for hit in hits where hit.row < 300 { #expect(abs(hit.score - exact[42, Int(hit.row)]) < 0.005) }
    #expect(hits.first { $0.row == 300 }!.score == 0)
  }

  @Test func `rows are appended, overwritten and taken out like in an array`() {
    let seed: UInt64 = 31
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let format = CodeFormat(dimensions: 10, bits: 4)
    let block = CodeBlock(format: format)
    var model: [[UInt8]] = []
    for _ in 0..<3000 {
      let code = (0..<5).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      switch random.index(below: model.isEmpty ? 1 : 4) {
      case 0, 1:
        #expect(block.append(code) == model.count)
        model.append(code)
      case 2:
        let row = random.index(below: model.count)
        block.overwrite(row: row, with: code)
        model[row] = code
      default:
        let row = random.index(below: model.count)
        block.swapRemove(row: row)
        model.swapAt(row, model.count - 1)
        model.removeLast()
      }
    }
    #expect(block.count == model.count)
    #expect((0..<model.count).allSatisfy { block.code(at: $0) == model[$0] })
    let fresh = CodeBlock(format: format)
    fresh.append(Array(model.joined()))
    let query = CodeQuery(rotated: (0..<10).map { _ in Float(random.gaussian()) }, format: format)
    #expect(equal(topRows(query, in: block, count: 50), topRows(query, in: fresh, count: 50)))
    #expect(block.byteCount >= model.count * 9)
    block.reserve(100_000)
    #expect((0..<model.count).allSatisfy { block.code(at: $0) == model[$0] })
    #expect(block.byteCount >= 900_000)
    block.removeAll()
    #expect(block.count == 0)
  }

  private func equal(_ a: [(row: Int32, score: Float)], _ b: [(row: Int32, score: Float)]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.row == $1.row && $0.score == $1.score }
  }
}
