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
      Fills memory with random codes and finds the ten best rows for random queries. memory_read_ms is the time to read \
      the same bytes once on as many threads: no scan can be faster.

        fumi bench scan --rows 1000000 --dimensions 128 --bits 4 --json
      """)

  @Option(help: "Codes in memory.") var rows = 1_000_000
  @Option(help: "Dimensions of a code.") var dimensions = 128
  @Option(help: "Bits a dimension: 8, 4, 2 or 1.") var bits = 4
  @Option(help: "Threads that share a scan.") var threads = 1
  @Option(help: "Queries measured.") var queries = 50
  @Option(help: "Seed of the codes and queries.") var seed: UInt64 = 1
  @Flag(help: "Print JSON.") var json = false

  private struct Report: Encodable {
    var median: Double
    var p95: Double
    var gigabytes: Double
    var kernel: String
    var memoryRead: Double
    var rows: Int
    var bytesPerPassage: Int
    var threads: Int

    enum CodingKeys: String, CodingKey {
      case median = "median_ms"
      case p95 = "p95_ms"
      case gigabytes = "gb_per_s"
      case kernel
      case memoryRead = "memory_read_ms"
      case rows, threads
      case bytesPerPassage = "bytes_per_passage"
    }
  }

  func validate() throws {
    if !(1...1_000_000_000 ~= rows) { throw ValidationError("--rows: got \(rows), expected 1 to 1000000000") }
    if !(1...2048 ~= dimensions) { throw ValidationError("--dimensions: got \(dimensions), expected 1 to 2048") }
    if ![8, 4, 2, 1].contains(bits) { throw ValidationError("--bits: got \(bits), expected 8, 4, 2 or 1") }
    if !(1...1024 ~= threads) { throw ValidationError("--threads: got \(threads), expected 1 to 1024") }
    if queries < 1 { throw ValidationError("--queries: got \(queries), expected 1 or more") }
  }

  func run() throws {
    let format = CodeFormat(dimensions: dimensions, bits: bits)
    let block = CodeBlock(format: format, capacity: rows)
    var generator = SeededGenerator(seed: seed)
    fill(block, using: &generator)
    let asked = (0..<queries).map { _ in
      CodeQuery(rotated: (0..<dimensions).map { _ in Float(generator.gaussian()) }, format: format)
    }
    let team = ThreadTeam(threads)
    let parts = parts(rows)
    let scan: (CodeQuery) -> Void = { query in
      team.forEach(parts.count) { _ = topRows(query, in: block, rows: parts[$0], count: 10) }
    }
    scan(asked[0])
    let times = asked.map { query in milliseconds { scan(query) } }
    let bytes = rows * format.bytesPerCode
    let reader = MemoryRead(byteCount: bytes)
    let reading: () -> Void = {
      team.forEach(parts.count) { part in
        reader.read(parts[part].lowerBound * format.bytesPerCode..<parts[part].upperBound * format.bytesPerCode)
      }
    }
    reading()
    let reads = (0..<21).map { _ in milliseconds(reading) }
    team.stop()

    let median = times.percentile(0.5)
    let report = Report(
      median: median, p95: times.percentile(0.95), gigabytes: Double(bytes) / median / 1e6,
      kernel: ScanKernel.best.rawValue, memoryRead: reads.percentile(0.5), rows: rows,
      bytesPerPassage: format.bytesPerCode, threads: threads)
    if json { return try Output.json(report) }
    try Output.line(
      "\(rows) codes of \(format), \(report.kernel), \(threads) threads: median \(median.formatted(decimals: 2)) ms, "
        + "p95 \(report.p95.formatted(decimals: 2)) ms, \(report.gigabytes.formatted(decimals: 1)) GB/s; reading the bytes "
        + "takes \(report.memoryRead.formatted(decimals: 2)) ms")
  }

  private func parts(_ count: Int) -> [Range<Int>] {
    (0..<threads).map { count * $0 / threads..<count * ($0 + 1) / threads }
  }

  private func fill(_ block: CodeBlock, using generator: inout SeededGenerator) {
    let width = block.format.bytesPerCode
    // Bits beyond the last dimension are 0 in every code.
    let used = dimensions * bits % 8
    let lastMask: UInt8 = used == 0 ? 255 : (1 << UInt8(used)) - 1
    var left = rows
    while left > 0 {
      let count = min(left, 65_536)
      var codes = [UInt8](unsafeUninitializedCapacity: (count * width + 7) / 8 * 8) { buffer, initialized in
        let words = UnsafeMutableRawBufferPointer(buffer)
        for offset in stride(from: 0, to: words.count / 8 * 8, by: 8) {
          words.storeBytes(of: generator.next(), toByteOffset: offset, as: UInt64.self)
        }
        initialized = (count * width + 7) / 8 * 8
      }
      codes.removeLast(codes.count - count * width)
      if lastMask != 255 { for row in 1...count { codes[row * width - 1] &= lastMask } }
      block.append(codes)
      left -= count
    }
  }

  private func milliseconds(_ body: () -> Void) -> Double { ContinuousClock().measure(body).milliseconds }
}
