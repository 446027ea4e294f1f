import Foundation
import LinearAlgebra
import SentenceEncoder

/// Passages that were never written, the same ones each time: texts with the words of a language in their numbers (few are
/// in nearly every text, most in hardly any), about topics, and vectors that lie around their topic's.
struct BenchCorpus {
  /// Of one topic: a sentence about it, the words that its passages share, and the sentence's vector.
  private struct Topic {
    let sentence: String
    let words: [String]
    let vector: [Float]
  }

  private let topics: [Topic]
  private var random: SeededGenerator

  private static let contentWords = 30_000
  private static let frequent = """
    the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which you \
    were her all she there would their we him been has when who will no more if out so up said what its about than
    """.split { $0.isWhitespace }.map(String.init)

  /// - Parameter seed: of the texts.
  init(topics count: Int, encoder: any SentenceEncoder, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let words = (0..<count).map { _ in (0..<12).map { _ in Self.content(&random) } }
    let sentences = words.map { Self.sentence(of: Array($0.prefix(5)), &random) }
    let vectors = try encoder.encode(sentences, as: .query)
    topics = (0..<count).map { Topic(sentence: sentences[$0], words: words[$0], vector: vectors.row($0)) }
    self.random = random
  }

  /// A text of some sixty words, and a source vector near its topic's: components × scale, of unit length.
  mutating func passage() -> (text: String, values: [Int8], scale: Float) {
    let topic = topics[random.index(below: topics.count)]
    var sentences: [String] = []
    for _ in 0..<5 {
      let own = topic.words[random.index(below: topic.words.count)]
      sentences.append(Self.sentence(of: [own] + (0..<4).map { _ in Self.content(&random) }, &random))
    }
    // Cosine with the topic about .6: as of passages with a question that they answer.
    let noise = 1.3 / Float(topic.vector.count).squareRoot()
    var values = topic.vector
    var bits: UInt64 = 0
    for i in values.indices {
      if i % 4 == 0 { bits = random.next() }
      // Uniform with the deviation 1.
      let uniform = Float(UInt16(truncatingIfNeeded: bits)) / 32_767.5 - 1
      bits >>= 16
      values[i] += uniform * 1.732 * noise
    }
    let largest = values.reduce(0) { max($0, abs($1)) }
    let integers = values.map { Int8(($0 / largest * 127).rounded()) }
    let norm = integers.reduce(Float(0)) { $0 + Float($1) * Float($1) }.squareRoot()
    return (sentences.joined(separator: " "), integers, 1 / norm)
  }

  /// A question about a topic: its sentence with another order of words, and one word of no account.
  mutating func question() -> String {
    let topic = topics[random.index(below: topics.count)]
    var words = topic.sentence.dropLast().lowercased().split(separator: " ").map(String.init)
    words.append(Self.content(&random))
    for i in words.indices.reversed() { words.swapAt(i, random.index(below: i + 1)) }
    return words.joined(separator: " ")
  }

  private static func sentence(of content: [String], _ random: inout SeededGenerator) -> String {
    let words = content.flatMap { [frequent[rank(&random, of: frequent.count)], $0] } + [""]
    return words.dropLast().joined(separator: " ").capitalizedFirst + "."
  }

  /// A word that carries meaning, by Zipf's law: the r-th most frequent with a probability like 1/r.
  private static func content(_ random: inout SeededGenerator) -> String {
    // Not the first of all: what is in every text is among `frequent`.
    var rest = 20 + rank(&random, of: contentWords)
    var word = ""
    while rest > 0 || word.isEmpty {
      let (consonants, vowels) = (Array("bdfgklmnprstvz"), Array("aeiou"))
      word.append(consonants[rest % consonants.count])
      rest /= consonants.count
      word.append(vowels[rest % vowels.count])
      rest /= vowels.count
    }
    return word + "n"
  }

  private static func rank(_ random: inout SeededGenerator, of count: Int) -> Int {
    let uniform = Double(random.next() >> 11) * 0x1p-53
    return min(count - 1, Int(exp(uniform * log(Double(count + 1)))) - 1)
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
