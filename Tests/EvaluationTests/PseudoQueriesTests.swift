import Evaluation
import Testing

@Suite("Pseudo-queries")
struct PseudoQueriesTests {
  @Test func `words are counted in English and in Japanese`() {
    #expect("  the cat\nsat ".wordCount == 3)
    #expect("".wordCount == 0)
    #expect("東京都".wordCount == 2)
    #expect("one two  three four".prefix(words: 3) == "one two  three")
    #expect(" one two ".prefix(words: 9) == "one two")
    #expect("東京都港区".prefix(words: 2) == "東京都港")
  }

  @Test func `a text is cut into pieces of like length that lose nothing`() {
    #expect("a b c d e f g".pieces(words: 3) == ["a b c", "d e f", "g"])
    #expect("a b c d".pieces(words: 3) == ["a b", "c d"])
    #expect(" a  b ".pieces(words: 3) == ["a  b"])
    #expect("".pieces(words: 3) == [])
    #expect(" \n".pieces(words: 3) == [])
    #expect("東京都港区芝".pieces(words: 2) == ["東京都港", "区芝"])
  }

  @Test func `sentences that cannot be told apart are asked piece by piece`() {
    let text = (1...100).map { "w\($0)" }.joined(separator: " ")
    let queries = PseudoQueries(of: [("", text)], seed: 3)
    #expect(queries.texts.count == 3)
    #expect(queries.texts[1].split(separator: " ").count == 20)
    #expect(queries.texts[1] != queries.texts[2])
  }

  @Test func `a passage asks by its title and by two different sentences of at most 24 words`() {
    let long = (1...40).map { "w\($0)" }.joined(separator: " ")
    let queries = PseudoQueries(of: [("The lift of wings", "First one. Second one. \(long).")], seed: 4)
    #expect(queries.owners == [0, 0, 0])
    #expect(queries.texts[0] == "The lift of wings")
    #expect(queries.texts[1] != queries.texts[2])
    #expect(queries.texts.allSatisfy { $0.wordCount <= 24 })
  }

  @Test func `a title of one word gives way to the passage's first twelve`() {
    let text = (1...20).map { "w\($0)" }.joined(separator: " ")
    let queries = PseudoQueries(of: [("Wings", text)], seed: 1)
    #expect(queries.texts[0] == (1...12).map { "w\($0)" }.joined(separator: " "))
  }

  @Test func `a passage of one sentence asks it twice, an empty one asks nothing, a bare title asks itself`() {
    let queries = PseudoQueries(of: [("", "Only this."), ("", " \n"), ("Wings", "")], seed: 1)
    #expect(queries.texts == ["Only this.", "Only this.", "Only this.", "Wings"])
    #expect(queries.owners == [0, 0, 0, 2])
  }

  @Test func `a seed gives the same questions again, another seed others`() {
    let passages = (0..<50).map { ("Title \($0) of many", "One \($0) a. Two \($0) b. Three \($0) c. Four \($0) d.") }
    #expect(PseudoQueries(of: passages, seed: 7) == PseudoQueries(of: passages, seed: 7))
    #expect(PseudoQueries(of: passages, seed: 7) != PseudoQueries(of: passages, seed: 8))
  }
}
