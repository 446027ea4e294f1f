/// How passages are ranked.
package enum SearchMode: String, WireWord, Hashable {
  /// Both rankings, fused.
  case hybrid
  /// By meaning alone.
  case semantic
  /// By words alone.
  case keyword
}
