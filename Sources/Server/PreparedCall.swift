import FumikuraProtocol

/// A call whose parameters have been read and checked; what is left is to carry it out.
struct PreparedCall: Sendable {
  let method: String
  let lane: Lane
  let wantsProgress: Bool
  /// Gives the result's JSON text. Blocks.
  let run: @Sendable (any IndexService, Caller) throws -> [UInt8]
}
