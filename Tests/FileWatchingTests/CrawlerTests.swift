import FileWatching
import Foundation
import LinuxSystem
import SystemPackage
import Testing

@Suite("Crawl")
struct CrawlerTests {
  private let share: TemporaryShare

  init() throws { share = try TemporaryShare() }

  private func crawl(
    under: FilePath = "", ignore: IgnoreRules = .standard, namesAtOnce: Int = 65_536
  ) throws -> [FoundEntry] {
    var entries: [FoundEntry] = []
    try Crawler(namesAtOnce: namesAtOnce).crawl(share.open(), under: under, ignore: ignore) { entries.append($0) }
    return entries
  }

  @Test("everything is found, a directory before what is in it, names in the order of their bytes")
  func order() throws {
    for directory in ["b/c", "a", "b.d"] { try share.makeDirectory(FilePath(directory)) }
    for file in ["b/c/2", "b/c/10", "b/é", "b/Z", "z", "a/x"] { try share.write(FilePath(file), file) }
    let entries = try crawl()
    #expect(
      entries.map(\.path.string) == ["", "a", "a/x", "b", "b/Z", "b/c", "b/c/10", "b/c/2", "b/é", "b.d", "z"])
    #expect(entries.allSatisfy { $0.error == nil })
    let found = try #require(entries.first { $0.path == "b/c/10" }?.attributes)
    #expect(found.kind == .regular && found.size == 6 && found.mode == 0o644)
    #expect(try crawl(under: "b/c").map(\.path.string) == ["b/c", "b/c/10", "b/c/2"])
    #expect(try crawl(under: "z").map(\.path.string) == ["z"])
  }

  @Test("links and special files are reported as what they are, and nothing outside is listed")
  func specials() throws {
    let outside = try TemporaryShare()
    try outside.write("secret", "secret")
    try share.link("way-out", to: outside.path.string)
    try share.link("loop", to: ".")
    try share.link("file-link", to: outside.path.appending("secret").string)
    try share.makeFIFO("pipe")
    let kinds = try crawl().map { "\($0.path) \($0.attributes!.kind)" }
    #expect(
      kinds == [" directory", "file-link symbolicLink", "loop symbolicLink", "pipe fifo", "way-out symbolicLink"])
    #expect(throws: LinuxError.self) { try crawl(under: "way-out/secret") }
  }

  @Test("names of any bytes are found")
  func bytes() throws {
    let names: [[UInt8]] = [[0xFF, 0xFE], Array("new\nline".utf8), Array(" ".utf8), Array("文庫".utf8), [1]]
    for name in names { try share.write(FilePath(bytes: name), "x") }
    let expected = names.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(try crawl().dropFirst().map(\.path.bytes) == expected)
  }

  @Test("ignored files and directories are not visited")
  func ignores() throws {
    for directory in ["keep", ".git/objects", "keep/old"] { try share.makeDirectory(FilePath(directory)) }
    for file in [".git/objects/x", "keep/old/y", "keep/z", "keep/z.swp"] { try share.write(FilePath(file), "x") }
    let rules = try IgnoreRules(patterns: ["/keep/old/"])
    #expect(try crawl(ignore: rules).map(\.path.string) == ["", "keep", "keep/z"])
    #expect(try crawl(ignore: .none).count == 9)
  }

  @Test("a directory larger than what is kept at once gives the same entries", arguments: [1, 7, 100, 101, 1000])
  func passes(namesAtOnce: Int) throws {
    try share.makeDirectory("d")
    for index in 0..<100 { try share.write(FilePath("d/\(index * 7919 % 100)"), "") }
    let expected =
      ["", "d"] + (0..<100).map { "\($0)" }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "d/\($0)" }
    #expect(try crawl(namesAtOnce: namesAtOnce).map(\.path.string) == expected)
  }

  @Test("depth beyond what a path can say is reported, and does not end the walk")
  func depth() throws {
    // Made step by step from descriptors: the whole path is longer than PATH_MAX.
    let name = String(repeating: "d", count: 200)
    var directory = try share.open().open("", for: .listing)
    for _ in 0..<30 {
      #expect(mkdirat(directory.rawValue, name, 0o755) == 0)
      let next = openat(directory.rawValue, name, O_RDONLY | O_DIRECTORY)
      try #require(next >= 0)
      directory = OwnedDescriptor(next)
    }
    try share.write("z", "after it")
    let entries = try crawl()
    #expect(entries.last?.path == "z")
    #expect(entries.count { $0.error != nil } == 1)
    #expect(entries.first { $0.error != nil }?.error?.code == .fileNameTooLong)
  }

  @Test("a root that is gone is an error, and an error of the visitor ends the walk")
  func errors() throws {
    #expect(throws: LinuxError.self) { try crawl(under: "missing") }
    struct Stop: Error {}
    try share.write("a", "")
    var visits = 0
    #expect(throws: Stop.self) {
      try Crawler().crawl(share.open(), under: "", ignore: .none) { _ in
        visits += 1
        throw Stop()
      }
    }
    #expect(visits == 1)
  }
}
