import FumikuraProtocol
import Testing

@testable import fumi

@Suite("What fumi prints")
struct TextTests {
  private let person = Terminal(isInteractive: true) { $0 == "TERM" ? "xterm" : nil }
  private let plain = Terminal(isInteractive: false) { _ in "xterm" }

  @Test(
    "Nothing that acts on a terminal gets through to one",
    arguments: [
      ("a\u{1B}[2Jb", "a?[2Jb"), ("tab\tand\r\nline", "tab and  line"), ("\u{9B}31m", "?31m"), ("\u{7F}", "?"),
      ("\u{202E}gpj.exe", "?gpj.exe"), ("zero\u{200B}width", "zero?width"), ("\u{2028}", " "),
      ("文庫 é 🐝", "文庫 é 🐝"), ("\u{0}", "?"), ("\u{1B}]0;title\u{7}", "?]0;title?"),
    ] as [(String, String)])
  func safe(text: String, expected: String) {
    #expect(person.safe(text) == expected)
    #expect(person.safe(text).unicodeScalars.count == text.unicodeScalars.count)
  }

  @Test("A pipe gets one record a line, and other bytes as they are")
  func pipe() {
    #expect(plain.safe("a\nb\tc\u{1B}d") == "a b c\u{1B}d")
  }

  @Test("Colours go to terminals that have them, and nowhere else")
  func colors() {
    #expect(person.styled("a", .bold) == "\u{1B}[1ma\u{1B}[0m")
    #expect(plain.styled("a", .bold) == "a")
    #expect(Terminal(isInteractive: true) { $0 == "TERM" ? "dumb" : nil }.styled("a", .bold) == "a")
    #expect(Terminal(isInteractive: true) { $0 == "TERM" ? "xterm" : "1" }.styled("a", .bold) == "a")
  }

  @Test(
    "Highlights are counted in Unicode scalars and may say anything",
    arguments: [
      ("🐝e\u{301}bc", [[1, 2]], "🐝<e\u{301}>bc"), ("abc", [[0, 1], [2, 1]], "<a>b<c>"),
      ("abc", [[2, 1], [0, 1]], "<a>b<c>"),
      ("abc", [], "abc"), ("abc", [[1, 99]], "a<bc>"), ("abc", [[9, 1]], "abc"), ("abc", [[-5, 2]], "<ab>c"),
      ("abc", [[0, 2], [1, 2]], "<ab><c>"), ("abc", [[Int.max, Int.max]], "abc"), ("abc", [[1, -4]], "abc"),
      ("a\u{1B}c", [[1, 1]], "a<?>c"), ("", [[0, 1]], ""),
    ] as [(String, [[Int]], String)])
  func highlights(text: String, pairs: [[Int]], expected: String) {
    let snippet = Snippet(text: text, highlights: pairs.map { Highlight(start: $0[0], length: $0[1]) })
    let printed = HitPrinter(person).highlighted(snippet)
    // Styling nothing prints nothing, so that empty highlights leave no trace.
    let marked = printed.replacing("\u{1B}[33m", with: "<").replacing("\u{1B}[0m", with: ">")
    #expect(marked == expected)
  }

  @Test("Numbers have the decimals that are asked for")
  func decimals() {
    let cases: [(Double, Int, String)] = [
      (0.5, 3, "0.500"), (0.0005, 3, "0.001"), (-0.25, 2, "-0.25"), (12, 0, "12"), (1.96, 1, "2.0"),
      (-0.001, 2, "0.00"),
      (.nan, 2, "-"), (.infinity, 2, "-"), (0.1, 4, "0.1000"),
    ]
    for (number, places, text) in cases { #expect(HitPrinter.decimals(number, places) == text) }
  }

  @Test("A path is made absolute by its name alone")
  func paths() {
    let cases = [
      ("a.txt", "/home/x/a.txt"), ("../a", "/home/a"), ("./a/./b", "/home/x/a/b"), ("/srv//a/", "/srv/a"), ("/..", "/"),
      ("../../../../a", "/a"), (".", "/home/x"),
    ]
    for (path, expected) in cases {
      let bytes = PathArgument.absolute(Array(path.utf8), from: Array("/home/x".utf8))
      #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }
  }

  @Test("Options before the command count as the command's")
  func reordered() {
    #expect(Fumi.reordered(["--socket", "/s", "search", "a"]) == ["search", "--socket", "/s", "a"])
    #expect(Fumi.reordered(["--json", "--socket=/s", "files"]) == ["files", "--json", "--socket=/s"])
    #expect(Fumi.reordered(["search", "--json", "a"]) == ["search", "--json", "a"])
    #expect(Fumi.reordered(["--help"]) == ["--help"])
    #expect(Fumi.reordered(["--socket"]) == ["--socket"])
  }

  @Test("A date alone is its midnight here; a time is itself")
  func times() throws {
    let time = try #require(TimeArgument(argument: "2026-03-01T09:30:00Z"))
    #expect(time.timestamp.description == "2026-03-01T09:30:00.000000000Z")
    #expect(TimeArgument(argument: "2026-03-01") != nil)
    for wrong in ["2026-3-1", "yesterday", "2026-02-30", ""] { #expect(TimeArgument(argument: wrong) == nil) }
  }
}
