import TextExtraction
import Testing

@Suite("Sentences")
struct SentencesTests {
  private func split(_ text: String) -> [String] { sentences(of: text).map { String(text[$0]) } }

  @Test(
    "English",
    arguments: [
      ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
      ("Mr. Smith met Dr. Jones at 3.15 p.m. on Monday.", ["Mr. Smith met Dr. Jones at 3.15 p.m. on Monday."]),
      ("See fig. 3 and vol. 2, p. 12. It is there.", ["See fig. 3 and vol. 2, p. 12.", "It is there."]),
      ("I said no. Then I left.", ["I said no.", "Then I left."]),
      ("No. 5 is late. No. Really.", ["No. 5 is late.", "No.", "Really."]),
      ("Prices rose, e.g. Bread and i.e. Milk. Enough.", ["Prices rose, e.g. Bread and i.e. Milk.", "Enough."]),
      ("\"Is it done?\" she asked. \"Yes.\" He left.", ["\"Is it done?\" she asked.", "\"Yes.\"", "He left."]),
      ("It ended (at last.) Then rain.", ["It ended (at last.)", "Then rain."]),
      ("Visit example.com or read a.txt. Done.", ["Visit example.com or read a.txt.", "Done."]),
      ("Wait... what? Wait... Now.", ["Wait... what?", "Wait...", "Now."]),
      ("J. R. Hartley wrote it. So did I. Good.", ["J. R. Hartley wrote it.", "So did I.", "Good."]),
      ("1. Scope of the work. 2. Terms.", ["1. Scope of the work.", "2. Terms."]),
      ("line one\nline two\n\n  line three ", ["line one", "line two", "line three"]),
      ("Really?! Yes!!! \u{201C}Quoted.\u{201D} End.", ["Really?!", "Yes!!!", "\u{201C}Quoted.\u{201D}", "End."]),
      ("Smith et al. Report it. Then more.", ["Smith et al. Report it.", "Then more."]),
      ("", []), ("  \n ", []), (".", ["."]), ("Über. Ärger. \u{E9}t\u{E9}.", ["Über.", "Ärger. \u{E9}t\u{E9}."]),
    ])
  func english(text: String, expected: [String]) {
    #expect(split(text) == expected)
  }

  @Test(
    "Japanese",
    arguments: [
      ("今日は晴れ。明日は雨！本当？はい", ["今日は晴れ。", "明日は雨！", "本当？", "はい"]),
      ("「はい。」と答えた。「いいえ。」彼は去った。", ["「はい。」と答えた。", "「いいえ。」", "彼は去った。"]),
      ("終わった（はずだ。）次へ進む。", ["終わった（はずだ。）", "次へ進む。"]),
      ("円周率は３．１４です．次の文です．", ["円周率は３．１４です．", "次の文です．"]),
      ("ｶﾀｶﾅ｡ﾂｷﾞ｡", ["ｶﾀｶﾅ｡", "ﾂｷﾞ｡"]),
      ("Node.jsを使う。Ver.2です。", ["Node.jsを使う。", "Ver.2です。"]),
      ("本当！？すごい。", ["本当！？", "すごい。"]),
      ("一行目\n二行目　\n　三行目", ["一行目", "二行目", "三行目"]),
      ("これは文です.次も文です.", ["これは文です.", "次も文です."]),
      ("そう……かもしれない。", ["そう……かもしれない。"]),
    ])
  func japanese(text: String, expected: [String]) {
    #expect(split(text) == expected)
  }

  @Test("together the sentences hold every letter of the text, in order")
  func coverage() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var random = SeededGenerator(seed)
    let alphabet = Array("aZ9 .!?\n\"'()。！？「」（）あ漢é…　\u{301}🙂．,、")
    for _ in 0..<2_000 {
      let text = String(
        (0..<Int.random(in: 0...60, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
      let found = sentences(of: text)
      var position = text.startIndex
      for range in found {
        #expect(range.lowerBound >= position && !range.isEmpty)
        #expect(text[position..<range.lowerBound].unicodeScalars.allSatisfy { $0.properties.isWhitespace })
        position = range.upperBound
      }
      #expect(text[position...].unicodeScalars.allSatisfy { $0.properties.isWhitespace })
    }
  }

  @Test("a text of four million letters without an end takes no longer than its length asks")
  func long() {
    let text = String(repeating: "a. b ", count: 800_000) + String(repeating: "検索", count: 100_000)
    let clock = ContinuousClock()
    var count = 0
    let time = clock.measure { count = sentences(of: text).count }
    print("4 million letters: \(time)")
    #expect(count == 1)
    #expect(time < .seconds(5))
  }
}
