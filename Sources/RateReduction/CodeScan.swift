import CCodeKernels

/// How codes are scanned: one of the kernels that this processor runs. All give the same rows and the same scores.
package enum ScanKernel: String, Sendable, CaseIterable {
  case scalar
  case avx2
  /// AVX-512 with VNNI.
  case avx512VNNI = "avx512-vnni"

  package var isAvailable: Bool { fumi_scan_kernel_runs(raw) != 0 }

  /// The fastest of this machine.
  package static let best: ScanKernel = allCases.last { $0.isAvailable } ?? .scalar

  var raw: fumi_scan_kernel {
    switch self {
    case .scalar: FUMI_SCALAR
    case .avx2: FUMI_AVX2
    case .avx512VNNI: FUMI_AVX512_VNNI
    }
  }
}

/// The `count` rows most like the query: exact, best first, equal scores by lower row.
///
/// The score of a row is dot(query, decoded row) / ‖decoded row‖: a cosine where the query is a unit row. Only rows whose
/// bit is set in `allowed` (bit row % 64 of word row / 64; as many words as the block's rows need) are looked at, so that
/// a caller who may see one row in a thousand still gets `count` of them. A row of zeros scores 0.
///
/// One pass, on the caller's thread, at the speed of memory.
///
/// - Parameter rows: the part of the block to scan, all of it by default: parts can be given to several threads.
package func topRows(
  _ query: CodeQuery, in block: CodeBlock, rows: Range<Int>? = nil, allowed: UnsafePointer<UInt64>? = nil,
  count: Int, kernel: ScanKernel = .best
) -> [(row: Int32, score: Float)] {
  precondition(query.format == block.format, "a query for \(query.format) on codes of \(block.format)")
  precondition(count >= 0)
  return block.reading { codes, factors, total in
    let range = (rows ?? 0..<total).clamped(to: 0..<total)
    let limit = min(count, range.count)
    guard limit > 0 else { return [] }
    return query.high.withUnsafeBufferPointer { high in
      query.low.withUnsafeBufferPointer { low in
        var native = fumi_code_query(
          bits: Int32(query.format.bits), bytes: query.format.bytesPerCode, stride: query.stride,
          high: high.baseAddress, low: low.baseAddress, bias: query.bias, scale: query.scale)
        let hits = [fumi_code_hit](unsafeUninitializedCapacity: limit) { buffer, found in
          found = fumi_scan_codes(
            kernel.raw, &native, codes, factors, range.lowerBound, range.upperBound, allowed, limit,
            buffer.baseAddress!)
        }
        return hits.map { ($0.row, $0.score) }
      }
    }
  }
}
