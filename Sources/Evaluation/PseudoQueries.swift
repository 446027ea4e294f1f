import LinearAlgebra
import TextExtraction

/// Questions made of a corpus itself, for training and for measuring without any judgement: what a passage's title or a
/// sentence of it asks for is that passage.
///
/// For each passage its title (if it has two words or more, else the passage's first 12) and `sentences` random
/// sentences of its text (recipe §2, step 5). A sentence of more than 24 words is cut into pieces that may each be drawn,
/// which also serves texts whose sentences cannot be told apart. A passage without any text has none.
package struct PseudoQueries: Sendable, Equatable {
  /// All of one passage side by side, its title first.
  package var texts: [String] = []
  /// `owners[i]` is the row of the passage that `texts[i]` was made of.
  package var owners: [Int] = []

  package static let titleWords = 12
  package static let sentenceWords = 24

  /// - Parameters:
  ///   - passages: title (or heading; may be empty) and text of each.
  ///   - sentences: how many sentences to draw of each passage. Different ones where it has as many.
  package init(of passages: [(title: String, text: String)], sentences count: Int = 2, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for (row, passage) in passages.enumerated() {
      let hasTitle = passage.title.wordCount >= 2
      let opening = hasTitle ? passage.title : passage.text.prefix(words: Self.titleWords)
      let sentences = TextExtraction.sentences(of: passage.text)
        .flatMap { passage.text[$0].pieces(words: Self.sentenceWords) }
      var drawn = [opening.isEmpty ? passage.title : opening]
      if !sentences.isEmpty {
        let order = generator.sample(sentences.count, below: sentences.count)
        drawn += (0..<count).map { sentences[order[$0 % order.count]] }
      }
      for text in drawn where text.wordCount > 0 {
        texts.append(text)
        owners.append(row)
      }
    }
  }
}
