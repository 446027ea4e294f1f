import ExtractionWorker
import Foundation
import LinuxSystem
import Testing
import TextExtraction

/// Small documents of our own (Fixtures/make_fixtures.py) against what a person reads in them.
///
/// `NAME.expected` holds a line for the type and title, then one for each block: its kind, its page, its text as a JSON
/// string would have it. To accept new results, set FUMIKURA_WRITE_EXPECTED and read the diff.
@Suite("Golden documents")
struct GoldenTests {
  private static let folder: URL = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")

  static func outcome(of name: String) throws -> ExtractionOutcome {
    let path = folder.appendingPathComponent(name).path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LinuxError(call: "open", subject: path) }
    guard let source = DocumentSource(OwnedDescriptor(descriptor)) else {
      throw LinuxError(call: "fstat", subject: path)
    }
    return Extractor.outcome(of: source, name: name, deadline: .now + .seconds(60))
  }

  @Test(
    "blocks, titles and pages",
    arguments: [
      "letter.txt", "japanese-utf8.txt", "latin.txt", "names.csv", "program.py", "notes.md", "page.html",
      "page-sjis.html",
      "report.docx", "report.pdf", "japanese.pdf",
    ])
  func blocks(name: String) throws {
    guard case .text(let text) = try Self.outcome(of: name) else {
      Issue.record("no text in \(name): \(try Self.outcome(of: name))")
      return
    }
    let dump = Self.dump(text)
    if ProcessInfo.processInfo.environment["FUMIKURA_WRITE_EXPECTED"] != nil {
      let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      try dump.write(to: source.appendingPathComponent("Fixtures/\(name).expected"), atomically: true, encoding: .utf8)
      print(dump)
      return
    }
    let expected = try String(contentsOf: Self.folder.appendingPathComponent(name + ".expected"), encoding: .utf8)
    #expect(dump.split(separator: "\n") == expected.split(separator: "\n"), "\(name)")
  }

  @Test(
    "the same text in every encoding gives the same blocks",
    arguments: [
      "japanese-utf8-bom.txt", "japanese-sjis.txt", "japanese-utf16le-bom.txt", "japanese-utf16be-bom.txt",
      "japanese-utf16le.txt", "japanese-utf16be.txt", "japanese-eucjp.txt", "japanese-iso2022jp.txt",
    ])
  func encodings(name: String) throws {
    guard case .text(var expected) = try Self.outcome(of: "japanese-utf8.txt") else {
      Issue.record("no text in UTF-8")
      return
    }
    if name.contains("eucjp") || name.contains("2022") {
      for index in expected.blocks.indices {
        expected.blocks[index].text = expected.blocks[index].text.replacing("①②", with: "一二").replacing("髙", with: "高")
      }
    }
    #expect(try Self.outcome(of: name) == .text(expected))
  }

  @Test("a page says its charset itself")
  func declaredCharset() throws {
    #expect(try Self.outcome(of: "page-eucjp.html") == Self.outcome(of: "page-sjis.html"))
  }

  @Test(
    "what has no text, or none that we read, is skipped or failed by name",
    arguments: [
      ("blank.md", "skipped:empty"), ("blank.pdf", "skipped:empty"), ("scan.pdf", "skipped:no-text"),
      ("encrypted.pdf", "failed:encrypted"), ("entity.docx", "failed:malformed"), ("sheet.xlsx", "skipped:unsupported"),
      ("things.zip", "skipped:archive"), ("picture.txt", "skipped:binary"), ("old.rtf", "skipped:unsupported"),
    ])
  func others(name: String, expected: String) throws {
    #expect(try Self.outcome(of: name).summary == expected)
  }

  @Test("a document cut anywhere ends in an outcome, and keeps the text before the cut")
  func truncated() throws {
    for name in ["report.docx", "report.pdf", "page.html", "notes.md", "japanese-utf16le-bom.txt", "japanese-sjis.txt"]
    {
      let whole = try Data(contentsOf: Self.folder.appendingPathComponent(name))
      for length in stride(from: 1, to: whole.count, by: max(1, whole.count / 60)) {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("fumikura-\(UUID().uuidString)").path
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        unlink(path)
        guard let source = DocumentSource(OwnedDescriptor(descriptor)) else {
          Issue.record("no source of \(name)")
          continue
        }
        let outcome = Extractor.outcome(of: source, name: name, deadline: .now + .seconds(60))
        if name == "page.html" && length > 400 { #expect(outcome.summary == "indexed", "\(name) at \(length)") }
      }
    }
  }

  private static func dump(_ text: ExtractedText) -> String {
    var lines = ["\(text.type): \(text.title ?? "-")\(text.partial.map { ", partial: \($0)" } ?? "")"]
    for block in text.blocks {
      let kind =
        switch block.kind {
        case .heading(let level): "h\(level)"
        case .paragraph: "p"
        case .listItem: "li"
        case .tableRow: "tr"
        case .code: "code"
        }
      lines.append("\(kind)\(block.page.map { "@\($0)" } ?? ""): \(block.text.replacing("\n", with: "\\n"))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
