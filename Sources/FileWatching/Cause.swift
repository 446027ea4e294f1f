/// Why a path is looked at.
package enum Cause: String, Sendable, Hashable, CaseIterable {
  /// Something may have written to it: created, modified, closed after writing, moved here from elsewhere.
  case contentEvent
  /// Its attributes changed, or it was renamed within the share, and no event spoke of its content.
  case attributeEvent
  /// A comparison with the store: no event vouches for what happened before.
  case crawl
}
