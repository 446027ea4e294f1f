import Foundation
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("A store of 100,000 passages", .serialized)
struct SizeTests {
  /// Figures are printed, not asserted: the machine is shared. FUMIKURA_STORE_PASSAGES and FUMIKURA_STORE_WORDS set other
  /// sizes; 110 words are a usual passage.
  @Test("Figures of filling, loading, counting, sampling and keyword search")
  func figures() throws {
    let asked = { (name: String) in ProcessInfo.processInfo.environment[name].flatMap(Int.init) }
    let perFile = 50
    let files = (asked("FUMIKURA_STORE_PASSAGES") ?? 100_000) / perFile
    let length = asked("FUMIKURA_STORE_WORDS") ?? 8
    let fixture = try StoreFixture()
    let store = fixture.store!
    let share = try fixture.share()
    let projector = try store.insertProjector(StoreFixture.projector()).id
    var generator = SampleGenerator(seed: 11)
    // Words by Zipf's law, 110 a passage, as in English: the n-th word comes 1/n as often as the first.
    let words = (0..<60_000).map { "w\(String($0, radix: 36))" }
    let word = { words[Int(exp(Double.random(in: 0..<log(60_000), using: &generator))) - 1] }
    let batch = 100
    let filled = try time("commit of \(files) files of \(perFile) passages, \(length) words each") {
      for start in stride(from: 0, to: files, by: batch) {
        for number in start..<min(files, start + batch) {
          let texts = (0..<perFile).map {
            "p\(number).\($0) " + (0..<length).map { _ in word() }.joined(separator: " ")
          }
          let vectors = texts.map { StoreFixture.vector($0, dimensions: 384) }
          let codes = NewCodes(
            projector: projector,
            bytes: Dictionary(uniqueKeysWithValues: vectors.map { ($0.key, [UInt8](repeating: 5, count: 64)) }))
          _ = try store.commit(
            StoreFixture.file(
              share: share, FilePath("d\(number % 97)/f\(number).txt"), texts, vectors: vectors, codes: codes),
            finishing: nil)
        }
      }
    }
    print("  that is \(Int(Double(files * perFile) / filled)) passages a second, the making of texts included")
    let size = try FileManager.default.attributesOfItem(atPath: fixture.database.string)[.size] as! Int
    print("  the database has \(size / (files * perFile)) bytes a passage")
    var rows = 0
    var sum = 0
    for pass in ["first", "second"] {
      _ = try time("load of all codes, \(pass)") {
        rows = 0
        try store.loadPassages(projector: projector) { row in
          rows += 1
          sum &+= Int(row.bytes[0]) &+ Int(row.fileID)
        }
      }
      #expect(rows == files * perFile)
    }
    _ = try time("load of all source vectors") { try store.loadPassages(projector: nil) { sum &+= Int($0.bytes[7]) } }
    _ = try time("load of all files") { try store.loadFiles { sum &+= Int($0.id) } }
    _ = try time("counts") { _ = try store.counts() }
    _ = try time("sample of 10,000 vectors") { _ = try store.sampleVectors(limit: 10_000, seed: 3) }
    let sampled = try store.sampleVectors(limit: 2000, seed: 3).map(\.id)
    _ = try time("passages of 2,000 vectors") { _ = try store.passages(ofVectors: sampled) }
    _ = try time("page of 100 files by a pattern") {
      _ = try store.page(of: FileFilter(glob: PathGlob("d5/**")), after: nil, limit: 100)
    }
    let queries = [
      ("one rare word", words[30_000]), ("one common word", words[0]),
      ("ten words of a question", (0..<10).map { words[$0 * $0 * $0 * 20] }.joined(separator: " ")),
      ("ten common words", words[..<10].joined(separator: " ")),
    ]
    for (name, query) in queries {
      for pass in ["first", "second"] {
        var found = 0
        let seconds = try time("keywords, \(name), \(pass)") {
          found = try store.keywordMatches(query, limit: 200) { _ in true }.count
        }
        if seconds > 0, pass == "second" { print("  \(found) matches") }
      }
    }
    _ = try time("move of a directory of a 97th of the files") {
      _ = try store.move(share: share, from: "d7", to: "e/d7", directory: true)
    }
    _ = try time("removal of a directory of a 97th of the files") { _ = try store.removeAll(share: share, under: "e") }
    print("  (checksum \(sum))")
  }

  private func time(_ what: String, _ body: () throws -> Void) throws -> Double {
    let clock = ContinuousClock()
    let duration = try clock.measure(body)
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    print("\(what): \((seconds * 10_000).rounded() / 10) ms")
    return seconds
  }
}
