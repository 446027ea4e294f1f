import ArgumentParser

/// What a ranking is by, as in the daemon's search.
enum SearchMode: String, CaseIterable, ExpressibleByArgument {
  /// Cosines.
  case semantic
  /// BM25.
  case keyword
  /// Cosines, and what shared words add.
  case hybrid
}
