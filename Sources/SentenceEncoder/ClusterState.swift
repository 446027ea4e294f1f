/// Where a walk through a text stands within a grapheme cluster.
struct ClusterState {
  private var last: ClusterClass
  /// A pictograph, and only what extends it behind.
  private var pictograph: Bool
  /// A consonant, and only what keeps a conjunct open behind; among that, whether there is a linker.
  private var consonant: Bool
  private var linker = false

  /// At a cluster's first scalar.
  init(_ first: ClusterClass) {
    last = first
    pictograph = first == .pictograph
    consonant = first == .consonant
  }

  /// Whether the next scalar belongs to the cluster. If not, the next one begins with it.
  mutating func continues(with next: ClusterClass) -> Bool {
    guard last != .control, next != .control else { return false }
    let belongs: Bool =
      switch (last, next) {
      case _ where next.joinsBefore: true
      case (.prepend, _): true
      case (.leadingJamo, .leadingJamo), (.leadingJamo, .vowelJamo), (.leadingJamo, .openSyllable),
        (.leadingJamo, .closedSyllable), (.openSyllable, .vowelJamo), (.vowelJamo, .vowelJamo),
        (.openSyllable, .trailingJamo), (.vowelJamo, .trailingJamo), (.closedSyllable, .trailingJamo),
        (.trailingJamo, .trailingJamo):
        true
      case (.joiner, .pictograph): pictograph
      case (_, .consonant): consonant && linker
      default: false
      }
    guard belongs else { return false }
    switch next {
    case .extend, .joiner: break
    case .linker: linker = linker || consonant
    case .extendOnly: consonant = false
    default:
      pictograph = next == .pictograph
      consonant = next == .consonant
      linker = false
    }
    last = next
    return true
  }
}
