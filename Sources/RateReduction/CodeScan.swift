import CCodeKernels
package import LinuxSystem

/// How codes are scanned: one of the kernels that this processor runs. All give the same rows and the same scores.
package enum ScanKernel: String, Sendable, CaseIterable {
  case scalar
  case avx2
  /// AVX-512 with VNNI.
  case avx512VNNI = "avx512-vnni"
  case neon
  /// NEON with the products of bytes that Armv8.2 added.
  case neonDotProduct = "neon-dotprod"

  package var isAvailable: Bool { fumi_scan_kernel_runs(raw) != 0 }

  /// The fastest of this machine.
  package static let best: ScanKernel = allCases.last { $0.isAvailable } ?? .scalar

  var raw: fumi_scan_kernel {
    switch self {
    case .scalar: FUMI_SCALAR
    case .avx2: FUMI_AVX2
    case .avx512VNNI: FUMI_AVX512_VNNI
    case .neon: FUMI_NEON
    case .neonDotProduct: FUMI_NEON_DOTPROD
    }
  }
}

/// The `count` rows most like the query: exact, best first, equal scores by lower row.
///
/// The score of a row is dot(query, decoded row) / ‖decoded row‖: a cosine where the query is a unit row. Only rows whose
/// bit is set in `allowed` (bit row % 64 of word row / 64; as many words as the block's rows need) are looked at, so that
/// a caller who may see one row in a thousand still gets `count` of them. A row of zeros scores 0.
///
/// One pass, at the speed of memory, on the caller's thread, or on those of `team` together.
///
/// - Parameter rows: the part of the block to scan, all of it by default.
package func topRows(
  _ query: CodeQuery, in block: CodeBlock, rows: Range<Int>? = nil, allowed: UnsafePointer<UInt64>? = nil,
  count: Int, kernel: ScanKernel = .best, team: ThreadTeam? = nil
) -> [(row: Int32, score: Float)] {
  topRows([query], in: block, rows: rows, allowed: allowed, count: count, kernel: kernel, team: team)[0]
}

/// The same for several queries, each with rows of its own, in one pass: what is read from memory is read once.
package func topRows(
  _ queries: [CodeQuery], in block: CodeBlock, rows: Range<Int>? = nil, allowed: UnsafePointer<UInt64>? = nil,
  count: Int, kernel: ScanKernel = .best, team: ThreadTeam? = nil
) -> [[(row: Int32, score: Float)]] {
  precondition(count >= 0)
  for query in queries {
    precondition(query.format == block.format, "a query for \(query.format) on codes of \(block.format)")
  }
  return block.reading { codes in
    let range = (rows ?? 0..<codes.count).clamped(to: 0..<codes.count)
    let limit = min(count, range.count)
    guard limit > 0, !queries.isEmpty else { return queries.map { _ in [] } }
    let parts = partsOfBlock(range, threads: team?.threads ?? 1)
    let hits = PartHits(parts: parts.count, queries: queries.count, limit: limit)
    CodeQuery.withNatives(queries) { natives in
      // Read only, and until all parts are done.
      nonisolated(unsafe) let (natives, codes, allowed) = (natives, codes, allowed)
      let scan: @Sendable (Int) -> Void = { part in
        var area = fumi_scan_rows(
          codes: codes.codes, factors: codes.factors, largest_factor: codes.largestFactor,
          first: parts[part].lowerBound, last: parts[part].upperBound, allowed: allowed)
        fumi_scan_codes(kernel.raw, natives, natives.count, &area, limit, hits.hits(of: part), hits.found(of: part))
      }
      if let team { team.forEach(parts.count, scan) } else { scan(0) }
    }
    return queries.indices.map { hits.best(of: $0) }
  }
}

/// Parts of a range of rows that begin where blocks do, of about one size; no more than are worth a thread's waking.
private func partsOfBlock(_ range: Range<Int>, threads: Int) -> [Range<Int>] {
  let least = 8192
  let count = max(1, min(threads, range.count / least))
  var bounds = (1..<count).map { (range.lowerBound + range.count * $0 / count) / 64 * 64 }
  bounds.insert(range.lowerBound, at: 0)
  bounds.append(range.upperBound)
  return zip(bounds, bounds.dropFirst()).map { $0..<$1 }
}
