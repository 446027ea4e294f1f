import TextExtraction
import Testing

@Suite("Cutting passages")
struct PassageCutterTests {
  /// A word or a wide letter is a token, about as WordPiece has it.
  private static let count: @Sendable (String) -> Int = { text in
    var tokens = 0
    var inWord = false
    for scalar in text.unicodeScalars {
      if scalar.value > 0x2E80 {
        tokens += 1
        inWord = false
      } else if scalar.properties.isWhitespace {
        inWord = false
      } else if !inWord {
        tokens += 1
        inWord = true
      }
    }
    return tokens
  }
  private let cutter = PassageCutter(countTokens: count)

  private func document(_ blocks: [Block]) -> ExtractedText { ExtractedText(type: "text", blocks: blocks) }

  private func sentence(_ random: inout SeededGenerator, japanese: Bool) -> String {
    if japanese {
      let letters = Array("文書検索保存共有管理者装置部署予算の会議をにがはと")
      return String((0..<Int.random(in: 8...45, using: &random)).map { _ in letters.randomElement(using: &random)! })
        + "。"
    }
    let words = (0..<Int.random(in: 4...32, using: &random)).map { _ in
      String(
        (0..<Int.random(in: 2...9, using: &random)).map { _ in Array("abcdefghijklmnop").randomElement(using: &random)!
        })
    }
    let text = words.joined(separator: " ")
    return text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  private func paragraphs(_ random: inout SeededGenerator, sentences: Int, japanese: Bool) -> [[String]] {
    var left = sentences
    var result: [[String]] = []
    while left > 0 {
      let count = min(left, Int.random(in: 1...8, using: &random))
      result.append((0..<count).map { _ in sentence(&random, japanese: japanese) })
      left -= count
    }
    return result
  }

  private func blocks(_ paragraphs: [[String]], japanese: Bool) -> [Block] {
    paragraphs.filter { !$0.isEmpty }.map {
      Block(kind: .paragraph, text: $0.joined(separator: japanese ? "" : " "))
    }
  }

  @Test("a passage is the stretch of the joined text that its start and length name")
  func offsets() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var random = SeededGenerator(seed)
    for japanese in [false, true] {
      let document = document(blocks(paragraphs(&random, sentences: 200, japanese: japanese), japanese: japanese))
      let scalars = Array(document.joinedText().unicodeScalars)
      var end = 0
      for passage in cutter.passages(of: document) {
        #expect(passage.start >= end)
        #expect(scalars[end..<passage.start].allSatisfy { $0.properties.isWhitespace })
        end = passage.start + passage.length
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[passage.start..<end])
        #expect(String(text) == passage.text)
      }
      #expect(scalars[end...].allSatisfy { $0.properties.isWhitespace })
    }
  }

  @Test("passages have at most the maximum, and most of them about what is asked", arguments: [false, true])
  func sizes(japanese: Bool) {
    var random = SeededGenerator(7)
    let document = document(blocks(paragraphs(&random, sentences: 3000, japanese: japanese), japanese: japanese))
    let sizes = cutter.passages(of: document).map { Self.count($0.text) }
    #expect(sizes.allSatisfy { $0 <= 200 })
    let mean = Double(sizes.reduce(0, +)) / Double(sizes.count)
    let small = Double(sizes.count { $0 < 100 }) / Double(sizes.count)
    print("\(japanese ? "Japanese" : "English"): \(sizes.count) passages, mean \(mean) tokens, below 100: \(small)")
    #expect(mean > 115 && small < 0.35)
  }

  @Test("an edit of one sentence changes the passages around it alone", arguments: [false, true])
  func resynchronises(japanese: Bool) {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var random = SeededGenerator(seed)
    let original = paragraphs(&random, sentences: 600, japanese: japanese)
    let before = Set(cutter.passages(of: document(blocks(original, japanese: japanese))).map(\.text))
    var changes: [Int] = []
    for _ in 0..<200 {
      var edited = original
      let paragraph = edited.indices.randomElement(using: &random)!
      let place = edited[paragraph].indices.randomElement(using: &random)!
      switch Int.random(in: 0..<4, using: &random) {
      case 0: edited[paragraph].remove(at: place)
      case 1: edited[paragraph].insert(sentence(&random, japanese: japanese), at: place)
      case 2: edited[paragraph][place] = sentence(&random, japanese: japanese)
      default: edited.insert([sentence(&random, japanese: japanese)], at: paragraph)
      }
      let after = cutter.passages(of: document(blocks(edited, japanese: japanese))).map(\.text)
      changes.append(after.count { !before.contains($0) })
    }
    changes.sort()
    let mean = Double(changes.reduce(0, +)) / Double(changes.count)
    print("of \(before.count) passages changed: mean \(mean), 95 % \(changes[190]), most \(changes[199])")
    #expect(mean <= 3 && changes[190] <= 6)
  }

  @Test("a heading begins a passage and is carried by those after it")
  func headings() {
    let body = (1...60).map { "Sentence number \($0) says a little about storage of papers." }.joined(separator: " ")
    let passages = cutter.passages(
      of: document([
        Block(kind: .paragraph, text: "Before all."),
        Block(kind: .heading(level: 1), text: "First"), Block(kind: .heading(level: 2), text: "Inner"),
        Block(kind: .paragraph, text: body, page: 3),
        Block(kind: .heading(level: 1), text: "Second"), Block(kind: .paragraph, text: "Short."),
        Block(kind: .heading(level: 1), text: "Last"),
      ]))
    #expect(passages[0] == CutPassage(text: "Before all.", heading: nil, page: nil, start: 0, length: 11))
    #expect(passages[1].text.hasPrefix("First\n\nInner\n\nSentence number 1 "))
    let inner = passages.filter { $0.heading == "Inner" }
    #expect(inner.count >= 3 && inner.dropFirst().allSatisfy { $0.page == 3 })
    #expect(passages.suffix(2).map(\.text) == ["Second\n\nShort.", "Last"])
    #expect(passages.suffix(2).map(\.heading) == ["Second", "Last"])
  }

  @Test("tables are cut between rows")
  func tables() {
    let rows = (1...100).map { Block(kind: .tableRow, text: "row \($0) | A name. And more | 12.50 | left") }
    for passage in cutter.passages(of: document(rows)) {
      #expect(passage.text.hasPrefix("row ") && passage.text.hasSuffix("left"))
    }
  }

  @Test("a sentence longer than the maximum is cut at words, and a word at letters")
  func longSentences() {
    let words = (1...1000).map { "word\($0)" }.joined(separator: " ")
    let passages = cutter.passages(of: document([Block(kind: .paragraph, text: words)]))
    #expect(passages.count >= 5 && passages.allSatisfy { Self.count($0.text) <= 200 })
    #expect(passages.map(\.text).joined(separator: " ") == words)

    let japanese = String(repeating: "検索装置を共有倉庫", count: 200)
    let pieces = cutter.passages(of: document([Block(kind: .paragraph, text: japanese)]))
    #expect(pieces.count >= 9 && pieces.allSatisfy { Self.count($0.text) <= 200 })
    #expect(pieces.map(\.text).joined() == japanese)

    let endless = String(repeating: "a", count: 100_000)
    let slices = cutter.passages(of: document([Block(kind: .paragraph, text: endless)]))
    #expect(slices.count >= 50 && slices.map(\.text).joined() == endless)
  }

  @Test("what has no letter and no digit makes no passage")
  func blank() {
    #expect(cutter.passages(of: document([])).isEmpty)
    #expect(cutter.passages(of: document([Block(kind: .paragraph, text: " — * * * — ")])).isEmpty)
  }

  @Test("sixteen megabytes are cut in bounded time", .timeLimit(.minutes(1)))
  func large() {
    let lines = String(repeating: "kurokawa 12 ", count: 1_400_000)
    let clock = ContinuousClock()
    let time = clock.measure { _ = cutter.passages(of: document([Block(kind: .paragraph, text: lines)])) }
    let rows = (0..<200_000).map { Block(kind: .tableRow, text: "\($0 % 7) | ok | 12.50") }
    let rowTime = clock.measure { _ = cutter.passages(of: document(rows)) }
    print("16 MB in one sentence: \(time); 200,000 rows: \(rowTime)")
    #expect(time < .seconds(30) && rowTime < .seconds(30))
  }
}
