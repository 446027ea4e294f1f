/// What a text is in a search. Some models were trained with a prompt in front of each: E5 reads "query: " and
/// "passage: ".
package enum TextRole: String, Sendable, CaseIterable {
  /// What is looked for. Also both sides of a comparison that has no direction, as E5's authors advise.
  case query
  /// What is looked through.
  case passage
  /// Neither: the text stands as it is, without a prompt.
  case plain
}
