import CEncoderKernels
import Foundation

/// The eight-bit kernels for one kind of processor.
///
/// `@unchecked Sendable` because it points to constants of the program.
package struct FastKernels: @unchecked Sendable {
  /// As a person calls it, such as "AVX-512 VNNI".
  package let name: String
  /// What of a processor it needs, as oneDNN calls it, such as "AVX512_CORE_VNNI".
  package let instructionSet: String
  let functions: fumikura_fast_kernels

  private init(_ functions: fumikura_fast_kernels) {
    name = String(cString: functions.name)
    instructionSet = String(cString: functions.isa)
    self.functions = functions
  }

  /// Those that this processor can run, the fastest first; none without AVX2.
  package static let all: [FastKernels] = {
    var all: [FastKernels] = []
    while let kernels = fumikura_fast_kernels_at(Int32(all.count)) { all.append(FastKernels(kernels.pointee)) }
    return all
  }()

  /// The environment variable by which oneDNN is held to older processors, and these kernels with it.
  package static let limitVariable = "ONEDNN_MAX_CPU_ISA"

  /// The instruction sets that each value of the variable leaves; any other value leaves all.
  private static let allowed: [String: Set<String>] = [
    "SSE41": [], "AVX": [], "AVX2": ["AVX2"], "AVX2_VNNI": ["AVX2", "AVX2_VNNI"],
    "AVX512_CORE": ["AVX2", "AVX512_CORE"],
    "AVX512_CORE_VNNI": ["AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"],
  ]

  /// The fastest that this processor can run within `limit`, a value of `limitVariable`; nil where there is none.
  package static func fastest(
    within limit: String? = ProcessInfo.processInfo.environment[limitVariable]
  ) -> FastKernels? {
    let allowed = limit.flatMap { Self.allowed[$0.uppercased()] }
    return all.first { allowed?.contains($0.instructionSet) ?? true }
  }

  /// Whether they are made of AVX-512.
  var isWide: Bool { instructionSet.hasPrefix("AVX512") }

  /// Whether attention is computed in bfloat16, for models whose heads have a multiple of 32 components.
  var attendsInBFloat16: Bool { functions.attend != nil }
}
