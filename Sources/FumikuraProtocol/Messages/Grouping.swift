/// What one hit stands for.
package enum Grouping: String, WireWord, Hashable {
  /// A file, by its best passage.
  case file
  case passage
}
