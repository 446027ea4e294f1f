/// How a share stands.
package enum ShareState: String, WireWord, Hashable {
  /// Its first crawl has not ended.
  case scanning
  /// Files wait.
  case indexing
  /// All that is known is indexed.
  case ready
  /// Its root is gone or unmounted; its files stay searchable.
  case offline
}
