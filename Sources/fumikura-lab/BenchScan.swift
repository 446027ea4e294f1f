import ArgumentParser
import Foundation
import LinearAlgebra
import LinuxSystem
import RateReduction

struct BenchScan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Measure the exact scan of codes.",
    discussion: """
      Fills memory with random codes and finds the best rows for random queries. memory_read_ms is the time to read the \
      same bytes once on as many threads: no scan can be faster. With --allowed, only rows of a random bitmap are looked \
      at, as where a caller may not read every file; unfiltered_ms is then the time without it, taken in turn.

        fumi bench scan --rows 1000000 --dimensions 128 --bits 4 --json
        fumi bench scan --bits 2 --count 400 --threads 2 --allowed 0.5
      """)

  private static let kernels = ScanKernel.allCases.map(\.rawValue).joined(separator: ", ")

  @Option(help: "Codes in memory.") var rows = 1_000_000
  @Option(help: "Dimensions of a code.") var dimensions = 128
  @Option(help: "Bits a dimension: 8, 4, 2 or 1.") var bits = 2
  @Option(help: "Rows to find.") var count = 10
  @Option(help: "Threads that share a scan.") var threads = 1
  @Option(help: "Queries that share a scan.") var batch = 1
  @Option(help: "Share of the rows, at random, that a scan may look at; 1: a bitmap of all.") var allowed: Double?
  @Option(help: "Scans measured.") var queries = 50
  @Option(help: "One of the kernels \(Self.kernels); by default this machine's best.")
  var kernel = ScanKernel.best.rawValue
  @Option(help: "Seed of the codes and queries.") var seed: UInt64 = 1
  @Flag(help: "Print JSON.") var json = false

  private struct Report: Encodable {
    var median: Double
    var p95: Double
    var unfiltered: Double?
    var gigabytes: Double
    var kernel: String
    var memoryRead: Double
    var rows: Int
    var bytesPerPassage: Int
    var count: Int
    var threads: Int
    var batch: Int
    var allowed: Double?

    enum CodingKeys: String, CodingKey {
      case median = "median_ms"
      case p95 = "p95_ms"
      case unfiltered = "unfiltered_ms"
      case gigabytes = "gb_per_s"
      case kernel
      case memoryRead = "memory_read_ms"
      case rows, count, threads, batch, allowed
      case bytesPerPassage = "bytes_per_passage"
    }
  }

  func validate() throws {
    if !(1...1_000_000_000 ~= rows) { throw ValidationError("--rows: got \(rows), expected 1 to 1000000000") }
    if !(1...2048 ~= dimensions) { throw ValidationError("--dimensions: got \(dimensions), expected 1 to 2048") }
    if ![8, 4, 2, 1].contains(bits) { throw ValidationError("--bits: got \(bits), expected 8, 4, 2 or 1") }
    if !(1...1_000_000 ~= count) { throw ValidationError("--count: got \(count), expected 1 to 1000000") }
    if !(1...1024 ~= threads) { throw ValidationError("--threads: got \(threads), expected 1 to 1024") }
    if !(1...64 ~= batch) { throw ValidationError("--batch: got \(batch), expected 1 to 64") }
    if let allowed, !(0...1 ~= allowed) { throw ValidationError("--allowed: got \(allowed), expected 0 to 1") }
    if queries < 1 { throw ValidationError("--queries: got \(queries), expected 1 or more") }
    guard let kernel = ScanKernel(rawValue: kernel) else {
      throw ValidationError("--kernel: got \(kernel), expected \(Self.kernels)")
    }
    if !kernel.isAvailable { throw ValidationError("--kernel: this processor does not run \(kernel.rawValue)") }
  }

  func run() throws {
    let format = CodeFormat(dimensions: dimensions, bits: bits)
    var generator = SeededGenerator(seed: seed)
    let block = CodeBlock.random(format, rows: rows, using: &generator)
    let asked = (0..<queries).map { _ in
      (0..<batch).map { _ in
        CodeQuery(rotated: (0..<dimensions).map { _ in Float(generator.gaussian()) }, format: format)
      }
    }
    let bitmap = allowed.map { randomBitmap(of: $0, using: &generator) }
    let team = ThreadTeam(threads)
    let kernel = ScanKernel(rawValue: kernel)!
    let scan: ([CodeQuery], [UInt64]?) -> Void = { queries, bitmap in
      if let bitmap {
        bitmap.withUnsafeBufferPointer {
          _ = topRows(queries, in: block, allowed: $0.baseAddress, count: count, kernel: kernel, team: team)
        }
      } else {
        _ = topRows(queries, in: block, count: count, kernel: kernel, team: team)
      }
    }
    scan(asked[0], bitmap)
    var times: [Double] = []
    var unfiltered: [Double] = []
    for queries in asked {
      times.append(milliseconds { scan(queries, bitmap) })
      if bitmap != nil { unfiltered.append(milliseconds { scan(queries, nil) }) }
    }
    let bytes = rows * format.bytesPerCode
    let reader = MemoryRead(byteCount: bytes)
    let parts = (0..<threads).map { bytes * $0 / threads..<bytes * ($0 + 1) / threads }
    let reading: () -> Void = { team.forEach(parts.count) { reader.read(parts[$0]) } }
    reading()
    let reads = (0..<21).map { _ in milliseconds(reading) }
    team.stop()

    let median = times.percentile(0.5)
    let report = Report(
      median: median, p95: times.percentile(0.95), unfiltered: bitmap == nil ? nil : unfiltered.percentile(0.5),
      gigabytes: Double(bytes) / median / 1e6, kernel: kernel.rawValue, memoryRead: reads.percentile(0.5), rows: rows,
      bytesPerPassage: format.bytesPerCode, count: count, threads: threads, batch: batch, allowed: allowed)
    if json { return try Output.json(report) }
    let without = report.unfiltered.map { " (\($0.formatted(decimals: 2)) ms without the bitmap)" } ?? ""
    try Output.line(
      "\(rows) codes of \(format), \(report.kernel), \(threads) threads, \(batch) queries a scan: "
        + "median \(median.formatted(decimals: 2)) ms\(without), p95 \(report.p95.formatted(decimals: 2)) ms, "
        + "\(report.gigabytes.formatted(decimals: 1)) GB/s; reading the bytes takes "
        + "\(report.memoryRead.formatted(decimals: 2)) ms")
  }

  private func randomBitmap(of share: Double, using generator: inout SeededGenerator) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (rows + 63) / 64)
    for row in 0..<rows where share == 1 || Double(generator.next() >> 11) * 0x1p-53 < share {
      words[row / 64] |= 1 << UInt64(row % 64)
    }
    return words
  }

  private func milliseconds(_ body: () -> Void) -> Double { ContinuousClock().measure(body).milliseconds }
}
