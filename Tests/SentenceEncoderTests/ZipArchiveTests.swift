import Foundation
import LinearAlgebra
import Testing

@testable import SentenceEncoder

@Suite("Zip archives")
struct ZipArchiveTests {
  private let text = Array(String(repeating: "storehouse of writings ", count: 400).utf8)

  /// Reads every entry of an archive.
  private func read(_ archive: [UInt8]) throws -> [String: [UInt8]] {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("a.zip")
      try Data(archive).write(to: path)
      let zip = try ZipArchive(MappedFile(path: path.filePath))
      return try Dictionary(uniqueKeysWithValues: zip.entries.map { ($0.name, try zip.bytes(of: $0).copied()) })
    }
  }

  @Test("stored and deflated entries come back byte for byte")
  func honest() throws {
    let writer = ZipWriter(entries: [
      .init(name: "a", contents: text), .init(name: "b/c", contents: text, deflated: false),
      .init(name: "empty", contents: [], deflated: false), .init(name: "also empty", contents: []),
    ])
    let (contents, nothing) = (try read(writer.archive), try read(ZipWriter().archive))
    #expect(contents == ["a": text, "b/c": text, "empty": [], "also empty": []])
    #expect(nothing == [:])
  }

  @Test("each lie is refused, with its reason")
  func lies() throws {
    typealias Entry = ZipWriter.Entry
    let cases: [(entries: [Entry], expected: String)] = [
      ([Entry(name: "a", contents: text, countError: 1)], "breaks off or runs over"),
      ([Entry(name: "a", contents: text, countError: .max)], "breaks off or runs over"),
      ([Entry(name: "a", contents: text, deflated: false, countError: 1)], "stored in"),
      ([Entry(name: "a", contents: text, countError: 1 << 30)], "at most 1,032 times"),
      ([Entry(name: "a", contents: text, checksumError: 1)], "CRC-32"),
      ([Entry(name: "a", contents: text, flags: 1)], "encrypted"),
      ([Entry(name: "a", contents: text), Entry(name: "a", contents: [])], "unique names"),
      ([Entry(name: "a", contents: text, localName: "b")], "another name"),
      ([Entry(name: "a", contents: text, mode: 0o120777)], "a symbolic link \"a\""),
      ([Entry(name: "a", contents: text, countError: .max - UInt32(text.count))], "a zip64 entry \"a\""),
      ([Entry(name: "a", contents: [UInt8](repeating: 0, count: 70_000_000))], "at most 100 times"),
    ]
    for (entries, expected) in cases {
      #expect {
        _ = try read(ZipWriter(entries: entries).archive)
      } throws: { error in
        "\(error)".contains(expected)
      }
    }
  }

  @Test("an archive cut anywhere, or with any byte changed, gives an error or its true contents")
  func spoiled() throws {
    let writer = ZipWriter(entries: [
      .init(name: "a", contents: text), .init(name: "b", contents: [1, 2], deflated: false),
    ])
    let archive = writer.archive
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for count in archive.indices { #expect(throws: EncoderModelError.self) { try read(Array(archive.prefix(count))) } }
    for place in archive.indices {
      var spoiled = archive
      spoiled[place] ^= UInt8.random(in: 1...255, using: &generator)
      do {
        let contents = try read(spoiled)
        // Time stamps, attributes and the letters of a name are told by nothing else.
        #expect(Set(contents.values) == [text, [1, 2]], "seed \(seed), byte \(place)")
      } catch let error as EncoderModelError {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
