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

  @Test("A pattern of many stars takes no more than its length times the path's")
  func manyStars() {
    let glob = PathGlob(String(repeating: "*a", count: 200) + "b")
    #expect(!glob.matches(FilePath(String(repeating: "a", count: 4000))))
  }
}
