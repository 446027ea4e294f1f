import Configuration
import Foundation
import SystemPackage
import Testing

/// `config/fumikura.toml` is what administrators read: it must say what the code does.
@Suite struct AnnotatedFileTests {
  static let path = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    .appending("config/fumikura.toml")

  struct Entry {
    let table: String
    let key: String
    let value: String
    /// The comment above it, as one line.
    let comment: String
  }

  /// The keys of the file, live or commented out.
  private func entries() throws -> [Entry] {
    let text = try String(contentsOfFile: Self.path.string, encoding: .utf8)
    var table = ""
    var comment: [String] = []
    var entries: [Entry] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let match = line.wholeMatch(of: /\[+([a-z]+)\]+/) {
        table = String(match.1)
        comment = []
      } else if let match = line.wholeMatch(of: /(?:# )?([a-z_]+) = (.*)/) {
        entries.append(
          Entry(table: table, key: String(match.1), value: String(match.2), comment: comment.joined(separator: " ")))
        comment = []
      } else if line.hasPrefix("#") {
        comment.append(String(line.drop { $0 == "#" || $0 == " " }))
      } else {
        comment = []
      }
    }
    return entries
  }

  @Test("The annotated file as it stands is the defaults with one share")
  func parses() throws {
    var expected = DaemonConfiguration()
    expected.shares = [.init(name: "documents", path: "/srv/documents")]
    #expect(try DaemonConfiguration(contentsOf: Self.path) == expected)
  }

  @Test("With every comment that is a key made live it still is the defaults")
  func uncommented() throws {
    let text = try String(contentsOfFile: Self.path.string, encoding: .utf8)
      .replacing(/(?m)^# ([a-z_]+ = )/) { "\($0.1)" }
    var expected = DaemonConfiguration()
    expected.shares = [
      .init(name: "documents", path: "/srv/documents", model: .named("multilingual-e5-small"))
    ]
    expected.daemon.socketGroup = "fumikura"
    expected.daemon.configuredModelsDirectory = expected.daemon.modelsDirectory
    expected.projector.labels = "/etc/fumikura/labels.tsv"
    #expect(try DaemonConfiguration(text: text, file: Self.path) == expected)
  }

  @Test("It has every key that the code knows, in the code's order, and no other")
  func complete() throws {
    #expect(try entries().map { "\($0.table).\($0.key)" } == DaemonConfiguration.knownKeys.map(\.fullName))
  }

  @Test("Each key shows its default and says what it takes", arguments: DaemonConfiguration.knownKeys)
  func annotated(key: KnownKey) throws {
    let entry = try #require(try entries().first { $0.table == key.table && $0.key == key.name })
    if let standard = key.defaultValue { #expect(entry.value == standard) }
    let words = key.expected
    #expect(
      entry.comment.lowercased().contains(words.lowercased()), "\(key.fullName): no \"\(words)\" in: \(entry.comment)")
  }
}
