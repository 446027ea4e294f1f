import Foundation
import GRDB
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("Keyword search")
struct KeywordTests {
  let fixture: StoreFixture
  let store: PassageStore
  let share: Int64

  init() throws {
    fixture = try StoreFixture()
    store = fixture.store
    share = try fixture.share()
  }

  private func texts(_ query: String, limit: Int = 10) throws -> [String] {
    let matches = try store.keywordMatches(query, limit: limit) { _ in true }
    let passages = try store.passages(matches.map(\.passageID))
    return matches.compactMap { passages[$0.passageID]?.text }
  }

  @Test(
    "Tokens of a text",
    arguments: [
      ("Hello, World-wide web", ["hello", "world", "wide", "web"]),
      ("Café CAFE\u{301} Ünïcödé", ["cafe", "cafe", "unicode"]),
      ("東京都", ["東京", "京都", "都"]),
      ("犬", ["犬"]),
      ("GPT4モデル2024年", ["gpt4", "モデ", "デル", "ル", "2024", "年"]),
      ("ＡＢＣ　１２３", ["abc", "123"]),
      ("ｶﾞｷﾞﾊﾟｱ", ["ガギ", "ギパ", "パア", "ア"]),
      ("か\u{3099}き", ["がき", "き"]),
      ("サーバー・ルーム", ["サー", "ーバ", "バー", "ー", "ルー", "ーム", "ム"]),
      ("人々、佐々木", ["人々", "々", "佐々", "々木", "木"]),
      ("\u{2F00}\u{2F08}", ["一人", "人"]),
      ("한국어", ["한국", "국어", "어"]),
      ("ﬁnance ²", ["finance", "2"]),
      ("ΣΊΣΥΦΟΣ σίσυφος", ["σισυφοσ", "σισυφοσ"]),
      ("İstanbul", ["istanbul"]),
      ("हिन्दी", ["हिन्दी"]),
      ("𠮷野家", ["𠮷野", "野家", "家"]),
      ("zero\u{200B}width soft\u{AD}hyphen", ["zero", "width", "softhyphen"]),
      ("", []), ("… — ☃", []),
    ])
  func documentTokens(text: String, expected: [String]) {
    #expect(KeywordTokenizer.tokens(of: text, for: .document).map(\.text) == expected)
  }

  @Test("Folding is idempotent for every character")
  func idempotent() {
    for value in UInt32(0x80)...0x3FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      for purpose in [KeywordTokenizer.Purpose.document, .query] {
        for token in KeywordTokenizer.tokens(of: String(scalar), for: purpose) {
          let again = KeywordTokenizer.tokens(of: token.text, for: purpose).map(\.text)
          if again != [token.text] { Issue.record("U+\(String(value, radix: 16)): \(token.text) becomes \(again)") }
        }
      }
    }
  }

  @Test("Ranges of tokens lie in the text and bytes that are not UTF-8 separate", arguments: 0..<20)
  func anyBytes(seed: UInt64) {
    var generator = SampleGenerator(seed: seed)
    let pool: [[UInt8]] =
      ["a", "Z", " ", "東", "か", "\u{3099}", "é", "ﾊ", "ﾟ", "\u{301}", "𠮷"].map { Array($0.utf8) } + [
        [0xFF], [0xE6], [0xE6, 0x9D], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0],
      ]
    let bytes = (0..<200).flatMap { _ in pool.randomElement(using: &generator)! }
    bytes.withUnsafeBufferPointer { text in
      var last = 0
      let finished = KeywordTokenizer.cut(text, for: .document) { token, _, range in
        if range.isEmpty || range.upperBound > text.count || range.lowerBound < last || token.isEmpty {
          Issue.record("seed \(seed): range \(range) after \(last)")
        }
        last = range.lowerBound
        return true
      }
      #expect(finished, "seed \(seed)")
    }
  }

  @Test("A long run of letters is cut, as document and as query alike")
  func longWord() throws {
    let blob = String(repeating: "abcdefgh", count: 10_000)
    #expect(KeywordTokenizer.tokens(of: blob, for: .document).map(\.text.utf8.count) == [64])
    try fixture.commit(share: share, "a", [blob])
    #expect(try texts(blob).count == 1)
  }

  @Test(
    "Japanese is found by words, by single characters, and across scripts",
    arguments: [
      ("議事録", 0), ("会議", 0), ("録", 0), ("京都", 1), ("サーバー", 1), ("ｻｰﾊﾞｰ", 1), ("障害", 1), ("犬", 2),
      ("子犬", 2), ("来月の会議はいつですか", 0), ("2024年度", 0), ("\"定例会議の議事録\"", 0), ("ＧＰＵ", 1),
      ("\"2024年\"", 0), ("です", 2),
    ])
  func japanese(query: String, expected: Int) throws {
    let passages = [
      "2024年度第三回定例会議の議事録。来月の予算を決めた。", "京都のデータセンターでサーバー障害が起きた。GPUは無事。", "うちで生まれた子犬",
    ]
    try fixture.commit(share: share, "a", passages + ["かわいいです。"])
    let found = try texts(query)
    if query == "です" {
      #expect(found == ["かわいいです。"])
    } else {
      #expect(found.first == passages[expected], "found \(found)")
    }
  }

  @Test("A phrase in quotes is found as it stands, words without are alternatives")
  func phrases() throws {
    try fixture.commit(share: share, "a", ["the quick brown fox", "brown bread, quick to bake", "slow"])
    #expect(try texts("\"quick brown\"") == ["the quick brown fox"])
    #expect(try Set(texts("quick brown")) == ["the quick brown fox", "brown bread, quick to bake"])
    #expect(try texts("\"東京 tower\"") == [])
    try fixture.commit(share: share, "b", ["東京 tower"])
    #expect(try texts("\"東京 tower\"") == ["東京 tower"])
    #expect(try texts("“京 tower”") == ["東京 tower"])
  }

  @Test(
    "Whatever a person types is a query",
    arguments: [
      "", " ", "\"", "\"\"\"", "AND", "NOT fox", "fox NEAR(", "fox*", "text:fox", "fox\0bread", "-fox", "^fox",
      "'; DROP",
      "(", ")", "{a b}: fox", "\u{FFFF}", "fox \" brown", "+", "\u{202E}fox", String(repeating: "\"", count: 999),
      String(repeating: "(", count: 5000), String(repeating: "fox ", count: 262_144),
      String(repeating: "会議資料", count: 90_000), (0..<5000).map { "w\($0)" }.joined(separator: " "),
    ])
  func hostileQueries(query: String) throws {
    try fixture.commit(share: share, "a", ["fox", "AND", "会議資料"])
    let matches = try store.keywordMatches(query, limit: 5) { _ in true }
    if query.contains("fox") { #expect(!matches.isEmpty) }
    if query == "AND" { #expect(matches.count == 1) }
  }

  @Test("A caller who may read one passage in a thousand gets a full page, in the order of the scores")
  func filtered() throws {
    for part in 0..<20 {
      try fixture.commit(
        share: share, FilePath("f\(part)"),
        (0..<100).map { "word number \(part * 100 + $0) " + String(repeating: "filler ", count: $0 % 7) })
    }
    let all = try store.keywordMatches("word", limit: 5000) { _ in true }
    #expect(all.count == 2000)
    #expect(
      zip(all, all.dropFirst()).allSatisfy { $0.bm25 > $1.bm25 || $0.bm25 == $1.bm25 && $0.passageID < $1.passageID })
    let few = try store.keywordMatches("word", limit: 10) { $0 % 199 == 0 }
    #expect(few == Array(all.filter { $0.passageID % 199 == 0 }.prefix(10)))
    #expect(try store.keywordMatches("word", limit: 0) { _ in true }.isEmpty)
    #expect(try store.keywordMatches("word", limit: 3) { _ in false }.isEmpty)
  }

  @Test("A word that most texts have is ranked among the newest, and among older ones for a caller who may read few")
  func commonWord() throws {
    let texts = 3 * PassageStore.rankedTexts
    for part in 0..<24 {
      try fixture.commit(
        share: share, FilePath("f\(part)"), (0..<texts / 24).map { "word \(part * texts / 24 + $0)" })
    }
    let all = try store.keywordMatches("word", limit: 50) { _ in true }
    #expect(all.count == 50)
    let oldest = try store.keywordMatches("word", limit: 50) { $0 <= 20 }
    #expect(oldest.map(\.passageID) == Array(1...20))
  }

  @Test("The rare word of a question decides")
  func rareFirst() throws {
    for part in 0..<30 {
      try fixture.commit(share: share, FilePath("f\(part)"), (0..<200).map { "the report of day \(part * 200 + $0)" })
    }
    try fixture.commit(share: share, "needle", ["the zymurgy report"])
    #expect(try texts("what does the report say of zymurgy", limit: 1) == ["the zymurgy report"])
  }

  @Test("Ranks are those of FTS5's own function", arguments: [UInt64(1), 2, 3])
  func sameAsFTS5(seed: UInt64) throws {
    var generator = SampleGenerator(seed: seed)
    let words = (0..<40).map { "w\($0)" } + ["東京", "京都", "大阪城"]
    let word = {
      words[
        Int.random(in: 0..<words.count * words.count, using: &generator)
          % Int.random(in: 1...words.count, using: &generator)]
    }
    for number in 0..<30 {
      try fixture.commit(
        share: share, FilePath("f\(number)"),
        (0..<20).map { _ in (0..<Int.random(in: 1...60, using: &generator)).map { _ in word() }.joined(separator: " ") }
      )
    }
    for query in ["w30", "w1 w39 w17", "\"w1 w2\" w5", "大阪城 w9", "京", "w0"] {
      let expression = KeywordQuery(query).terms.joined(separator: " OR ")
      let golden = try store.read { db in
        try db.rows(
          """
          SELECT passage.id, bm25(passage_fts) FROM passage_fts JOIN passage ON passage.text = passage_fts.rowid
          WHERE passage_fts MATCH ?
          """, [expression]
        ) { ($0[0] as Int64, -($0[1] as Double)) }
      }
      let ours = try store.keywordMatches(query, limit: 100_000) { _ in true }
      #expect(ours.count == golden.count)
      let scores = Dictionary(uniqueKeysWithValues: golden)
      for match in ours {
        let expected = try #require(scores[match.passageID])
        #expect(abs(match.bm25 - expected) <= 1e-9 * max(1, expected), "seed \(seed), query \(query)")
      }
    }
  }

  @Test("Of what was deleted no byte is left in the files, once the index is merged")
  func erased() throws {
    for number in 0..<60 {
      try fixture.commit(
        share: share, FilePath("f\(number)"), (0..<30).map { "ordinary \(number) words \($0 * number)" })
    }
    try fixture.commit(share: share, "secret", ["Xyzzyplugh is the password", "and 極秘事項 too"])
    try fixture.commit(share: share, "after", ["ordinary end"])
    _ = try store.remove(share: share, path: "secret", finishing: nil)
    while try !store.eraseDeletedWords(pages: 16) {}
    #expect(try store.verify() == [])
    #expect(try texts("ordinary", limit: 9).count == 9)
    for suffix in ["", "-wal"] {
      let bytes = try Data(contentsOf: URL(filePath: fixture.database.string + suffix))
      for word in ["Xyzzyplugh", "xyzzyplugh", "zzyplugh", "極秘"] {
        #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) in the database\(suffix)")
      }
    }
  }

  @Test("An index that is at odds with the texts is found and made anew")
  func rebuild() throws {
    try fixture.commit(share: share, "a", ["fox"])
    try store.write { try $0.run("INSERT INTO passage_fts(passage_fts, rowid, text) VALUES ('delete', 1, 'fox')") }
    #expect(try texts("fox") == [])
    #expect(try store.verify().contains { $0.contains("can be rebuilt") })
    try store.rebuildKeywordIndex()
    #expect(try texts("fox") == ["fox"])
    #expect(try store.verify() == [])
  }
}
