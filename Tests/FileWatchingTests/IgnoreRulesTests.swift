import LinuxSystem
import SystemPackage
import Testing

@testable import FileWatching

@Suite("Ignore rules")
struct IgnoreRulesTests {
  @Test(
    "the built-in rules know hidden files and what programs leave behind",
    arguments: [
      ("letter.txt", false), (".hidden", true), ("docs/.git/config", true), ("docs/letter.txt", false),
      ("~$report.docx", true), ("~$REPORT.DOCX", true), (".#notes", true), ("#notes#", true),
      ("#1 priority.txt", false),
      ("notes.swp", true), ("notes~", true), ("film.part", true), ("part", false), ("x.TMP", true),
      ("x.crdownload", true), ("4913", true), ("14913", false), ("Thumbs.db", true), ("thumbs.db", true),
      (".DS_Store", true), ("文庫/手紙.txt", false), ("文庫/手紙.txt~", true), ("a~b", false),
    ])
  func standardFiles(path: String, ignored: Bool) {
    #expect(IgnoreRules.standard.ignores(FilePath(path), isDirectory: false) == ignored)
    #expect(!IgnoreRules.none.ignores(FilePath(path), isDirectory: false))
  }

  @Test("of directories, only hidden ones are ignored by the built-in rules")
  func standardDirectories() {
    for name in ["4913", "old~", "x.tmp", "~$x", "Thumbs.db"] {
      #expect(!IgnoreRules.standard.ignores(FilePath(name), isDirectory: true), "\(name)")
      #expect(!IgnoreRules.standard.ignores(FilePath(name + "/file"), isDirectory: false), "\(name)/file")
    }
    #expect(IgnoreRules.standard.ignores(".git", isDirectory: true))
    #expect(!IgnoreRules.standard.ignores("", isDirectory: true))
  }

  /// Each line: the patterns, a path (a directory where it ends in a slash), and whether it is ignored. Cases from
  /// gitignore(5) and git's own t3070-wildmatch.
  @Test(
    "patterns mean what they mean in gitignore",
    arguments: [
      (["*.bak"], "a.bak", true), (["*.bak"], "d/a.bak", true), (["*.bak"], "d.bak/a", true), (["*.bak"], "bak", false),
      (["*.bak", "!keep.bak"], "keep.bak", false), (["*.bak", "!keep.bak"], "d/keep.bak", false),
      (["!keep.bak", "*.bak"], "keep.bak", true), (["!.profile"], ".profile", false),
      (["old"], "old", true), (["old"], "old/", true), (["old"], "a/old/b", true), (["old/"], "old", false),
      (["old/"], "old/", true), (["old/"], "a/old/b", true), (["/old"], "old", true), (["/old"], "a/old", false),
      (["a/b"], "a/b", true), (["a/b"], "x/a/b", false), (["a/b/"], "a/b", false), (["a/b/"], "a/b/c", true),
      (["a/*"], "a/b", true), (["a/*"], "a/b/c", true), (["a/*.txt"], "a/b/c.txt", false),
      (["**/old"], "old", true), (["**/old"], "a/b/old", true), (["**/a/b"], "x/y/a/b", true),
      (["a/**"], "a/", false), (["a/**"], "a/b", true), (["a/**"], "a/b/c", true), (["a/**/b"], "a/b", true),
      (["a/**/b"], "a/x/y/b", true), (["a/**/b"], "a/x/y/c", false), (["a/**/**/b"], "a/b", true),
      (["**"], "anything", true), (["foo*bar"], "foo/bar", false), (["f?o"], "foo", true), (["f?o"], "fo", false),
      (["手?"], "手紙", true), (["?"], "紙", true), (["??"], "紙", false), (["[あ-ん]*"], "くらし", true),
      (["[あ-ん]*"], "文庫", false), (["[a-c]"], "b", true), (["[!a-c]"], "b", false), (["[^a-c]"], "d", true),
      (["[]]"], "]", true), (["[!]]"], "a", true), (["[a-]"], "-", true), (["\\*"], "*", true), (["\\*"], "a", false),
      (["\\!x"], "!x", true), (["a*b*c"], "aXbXbXc", true), (["a*b*c"], "aXbXb", false), (["*"], "", false),
      (["*/"], "d/", true), (["*/"], "f", false), (["a[/]b"], "a/b", false),
    ] as [([String], String, Bool)])
  func patterns(patterns: [String], path: String, ignored: Bool) throws {
    // `[/]` is no set: a slash always separates, so the pattern is refused.
    if patterns == ["a[/]b"] {
      #expect(throws: IgnoreRuleError.self) { try IgnoreRules(patterns: patterns) }
      return
    }
    let rules = try IgnoreRules(patterns: patterns)
    #expect(rules.ignores(FilePath(path), isDirectory: path.hasSuffix("/")) == ignored, "\(patterns) and \(path)")
  }

  @Test("names that are not UTF-8 are matched byte by byte")
  func bytes() throws {
    let name = FilePath(bytes: [0xFF, 0xE6, UInt8(ascii: "a")])
    #expect(try IgnoreRules(patterns: ["???"]).ignores(name, isDirectory: false))
    #expect(try IgnoreRules(patterns: ["[!b]*a"]).ignores(name, isDirectory: false))
    #expect(try !IgnoreRules(patterns: ["??"]).ignores(name, isDirectory: false))
  }

  @Test("a pattern of many stars takes no exponential time")
  func manyStars() throws {
    let rules = try IgnoreRules(patterns: [String(repeating: "a*", count: 60) + "b"])
    #expect(!rules.ignores(FilePath(String(repeating: "a", count: 250)), isDirectory: false))
  }

  @Test(
    "what cannot be a pattern is refused by name", arguments: ["", "/", "!", "a//b", "[a", "[", "a\\", "[z-a]", "//"])
  func refused(pattern: String) {
    let error = #expect(throws: IgnoreRuleError.self) { try IgnoreRules(patterns: ["fine", pattern]) }
    #expect(error?.pattern == pattern)
  }

  @Test("the entry of a directory that is not ignored is judged as the whole path is")
  func entries() throws {
    let rules = try IgnoreRules(patterns: ["a/b", "*.bak", "!c/keep.bak"])
    for path in ["a", "a/x", "a/b", "c/keep.bak", "d/keep.bak", "c/.h"] {
      let expected = rules.ignores(FilePath(path), isDirectory: false)
      #expect(rules.ignoresEntry(Array(path.utf8), isDirectory: false) == expected, "\(path)")
    }
  }
}
