/// How much of a share is where.
package struct FileCounts: Sendable, Hashable {
  package var indexed = 0
  /// Pending jobs: paths to be looked at, which may name files that are indexed already, or gone.
  package var waiting = 0
  package var failed = 0
  package var skipped = 0
  package var quarantined = 0
  package var passages = 0

  package init() {}
}
