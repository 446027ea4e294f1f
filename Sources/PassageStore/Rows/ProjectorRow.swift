package import LinuxSystem

/// Where a projector is in its life (DESIGN §6).
package enum ProjectorState: String, Sendable, Hashable, CaseIterable, Codable {
  case candidate, shadow, canary, active, retired, rejected

  /// Whether a person or the daemon may set `next`. `active` is entered by `activate` alone, which retires the one
  /// before it, and nothing comes after `rejected`.
  func mayBecome(_ next: ProjectorState) -> Bool {
    switch (self, next) {
    case (.rejected, _): next == .rejected
    case (.active, _): next == .retired || next == .rejected
    case (_, .active): false
    default: true
    }
  }
}

/// All of a projector but its numbers, which `encodedProjector(_:)` gives.
package struct ProjectorRow: Sendable, Hashable, Codable {
  package let id: Int64
  /// Counts from 1 in the order of making; people name a projector by it.
  package let version: Int
  /// The id of the projector that was in force when this one was made.
  package let parent: Int64?
  package let state: ProjectorState
  /// "pca-whitened", "mcr2".
  package let method: String
  package let dimensions: Int
  package let bits: Int
  /// JSON.
  package let recipe: String
  package let seed: UInt64
  /// Says which passages it was made from.
  package let corpusFingerprint: String
  /// JSON: its measured figures; nil before they were measured.
  package let profile: String?
  /// Why it was rejected or retired.
  package let reason: String?
  /// Nanoseconds since 1970.
  package let created: Int64
  /// The model whose source vectors it takes.
  package let model: SHA256Digest

  package init(
    id: Int64, version: Int, parent: Int64?, state: ProjectorState, method: String, dimensions: Int, bits: Int,
    recipe: String, seed: UInt64, corpusFingerprint: String, profile: String?, reason: String?, created: Int64,
    model: SHA256Digest
  ) {
    self.id = id
    self.version = version
    self.parent = parent
    self.state = state
    self.method = method
    self.dimensions = dimensions
    self.bits = bits
    self.recipe = recipe
    self.seed = seed
    self.corpusFingerprint = corpusFingerprint
    self.profile = profile
    self.reason = reason
    self.created = created
    self.model = model
  }
}

/// A projector as its training hands it over.
package struct NewProjector: Sendable, Hashable {
  package var parent: Int64?
  /// `candidate` or `rejected`.
  package var state: ProjectorState
  package var method: String
  package var dimensions: Int
  package var bits: Int
  /// JSON.
  package var recipe: String
  package var seed: UInt64
  package var corpusFingerprint: String
  /// JSON.
  package var profile: String?
  package var reason: String?
  /// Nanoseconds since 1970.
  package var created: Int64
  package var model: SHA256Digest
  package var encoded: EncodedProjector

  package init(
    parent: Int64? = nil, state: ProjectorState = .candidate, method: String, dimensions: Int, bits: Int,
    recipe: String, seed: UInt64, corpusFingerprint: String, profile: String? = nil, reason: String? = nil,
    created: Int64, model: SHA256Digest, encoded: EncodedProjector
  ) {
    self.parent = parent
    self.state = state
    self.method = method
    self.dimensions = dimensions
    self.bits = bits
    self.recipe = recipe
    self.seed = seed
    self.corpusFingerprint = corpusFingerprint
    self.profile = profile
    self.reason = reason
    self.created = created
    self.model = model
    self.encoded = encoded
  }
}

/// A projector's numbers, in the forms that RateReduction reads.
package struct EncodedProjector: Sendable, Hashable {
  package let projector: [UInt8]
  package let quantizer: [UInt8]

  package init(projector: [UInt8], quantizer: [UInt8]) {
    self.projector = projector
    self.quantizer = quantizer
  }
}
