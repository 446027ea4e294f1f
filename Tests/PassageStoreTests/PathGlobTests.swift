import LinuxSystem
import LinearAlgebra
import PassageStore
import SystemPackage
import Testing

@Suite("Path patterns")
struct PathGlobTests {
  @Test(
    "What a pattern matches",
    arguments: [
      ("*.pdf", ["a.pdf", ".pdf", "a.b.pdf"], ["a/b.pdf", "a.pdf2", "pdf"]),
      ("**/*.pdf", ["a.pdf", "a/b.pdf", "a/b/c.pdf"], ["a/b.txt"]),
      ("docs/**", ["docs/a", "docs/a/b", "docs/"], ["docs", "docsx/a"]),
      ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["a/bz", "az", "a/z/b"]),
      ("a**z", ["az", "a/b/z", "abz"], ["a/b"]),
      ("report-?.txt", ["report-1.txt"], ["report-.txt", "report-12.txt", "report-/.txt"]),
      ("[a-c]x", ["ax", "cx"], ["dx", "x", "/x"]),
      ("[!a-c]x", ["dx"], ["ax", "/x"]),
      ("[]a]", ["]", "a"], ["b"]),
      ("[ab", ["[ab"], ["a"]),
      ("\\*", ["*"], ["a"]),
      ("", [""], ["a"]),
      ("*", ["a", ""], ["a/b"]),
      ("議事録*", ["議事録2024"], ["議事"]),
      ("a%_b", ["a%_b"], ["axyb"]),
    ] as [(String, [String], [String])])
  func table(pattern: String, matching: [String], others: [String]) {
    let glob = PathGlob(pattern)
    for path in matching where FilePath(path).string == path {
      #expect(glob.matches(FilePath(path)), "\(pattern) should match \(path)")
    }
    for path in others where FilePath(path).string == path {
      #expect(!glob.matches(FilePath(path)), "\(pattern) should not match \(path)")
    }
  }

  @Test("Bytes that are not UTF-8 match byte by byte")
  func bytes() {
    #expect(PathGlob("*/*.txt").matches(oddPath))
    #expect(PathGlob("dir/??.txt").matches(oddPath))
  }

  @Test("Random patterns match as a plain definition says, long ones too", arguments: [UInt64.random(in: 0...(.max))])
  func random(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var matched = 0
    for round in 0..<20_000 {
      // Two stars stand before no slash here, and none beside others: what would be read as `**/` is a piece of its own.
      var pieces: [String] = round % 20 == 0 ? Array(repeating: "[!c]", count: 70) : []
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let choice =
          switch pieces.last {
          case "**": Self.plain.filter { $0 != "/" }
          case "*", "**/": Self.plain
          default: Self.plain + ["*", "**"]
          }
        pieces.append(choice.randomElement(using: &random)!)
        if pieces.last == "/", Bool.random(using: &random) { pieces.append("**/") }
      }
      let letters = (0..<Int.random(in: 1...8, using: &random)).map { _ in
        ["a", "b", "/"].randomElement(using: &random)!
      }
      let path = FilePath((round % 20 == 0 ? String(repeating: "a", count: 70) : "") + letters.joined())
      let expected = Self.matches(pieces[...], path.bytes[...])
      matched += expected ? 1 : 0
      #expect(PathGlob(pieces.joined()).matches(path) == expected, "\(pieces.joined()) and \(path), seed \(seed)")
    }
    #expect(matched > 500)
  }

  private static let plain = ["a", "b", "?", "[ab]", "[!a]", "/", "a"]

  /// The definition, by trying everything.
  private static func matches(_ pieces: ArraySlice<String>, _ path: ArraySlice<UInt8>) -> Bool {
    guard let piece = pieces.first else { return path.isEmpty }
    let rest = pieces.dropFirst()
    let slash = UInt8(ascii: "/")
    switch piece {
    case "*", "**", "**/":
      return (0...path.count).contains { count in
        let eaten = path.prefix(count)
        let fits =
          switch piece {
          case "*": !eaten.contains(slash)
          case "**": true
          default: eaten.last ?? slash == slash
          }
        return fits && matches(rest, path.dropFirst(count))
      }
    // Paths are of a, b and slashes.
    case "?", "[!c]", "[ab]": return path.first.map { $0 != slash && matches(rest, path.dropFirst()) } ?? false
    case "[!a]": return path.first == UInt8(ascii: "b") && matches(rest, path.dropFirst())
    default: return path.first == piece.utf8.first && matches(rest, path.dropFirst())
    }
  }

  @Test("A pattern of many stars takes no more than its length times the path's")
  func manyStars() {
    let glob = PathGlob(String(repeating: "*a", count: 200) + "b")
    #expect(!glob.matches(FilePath(String(repeating: "a", count: 4000))))
  }
}
