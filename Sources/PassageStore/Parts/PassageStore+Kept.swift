import Foundation
import GRDB
import LinuxSystem
package import SystemPackage

// What cannot be made again from the shares' files, as files: `projectors/000001/` with `projector.json`,
// `projector.bin` and `quantizer.bin` for each version, `settings.json`, and `journal.jsonl`. A file is replaced whole,
// and only where it differs.

extension PassageStore {
  /// Writes projectors, settings and the journal into `directory`, which is made if need be.
  package func exportIrreplaceable(to directory: FilePath) throws(StoreError) {
    try StoreOpening.prepareDirectory(directory)
    let projectors = directory.appending("projectors")
    try StoreOpening.prepareDirectory(projectors)
    for row in try self.projectors() {
      let own = projectors.appending(Self.folder(ofVersion: row.version))
      try StoreOpening.prepareDirectory(own)
      // A projector's numbers never change: they are written once, before the row that names them.
      if try KeptFile.read(own.appending("projector.json")) == nil {
        let encoded = try encodedProjector(row.id)
        try KeptFile.write(encoded.projector, to: own.appending("projector.bin"))
        try KeptFile.write(encoded.quantizer, to: own.appending("quantizer.bin"))
      }
      try KeptFile.write(try Self.json(row), to: own.appending("projector.json"))
    }
    try exportSettings(to: directory)
    try exportJournal(to: directory)
  }

  /// Reads what `exportIrreplaceable` wrote into a store that has no projector yet. A directory that is not there
  /// restores nothing. Settings that the store has already stay.
  package func restoreIrreplaceable(from directory: FilePath) throws(StoreError) {
    let projectors = try Self.keptProjectors(directory.appending("projectors"))
    let settings: [String: String] =
      if let bytes = try KeptFile.read(directory.appending("settings.json")) {
        try Self.decoded(bytes, directory.appending("settings.json"))
      } else {
        [:]
      }
    let journal = directory.appending("journal.jsonl")
    var events: [JournalEvent] = []
    for line in try KeptFile.read(journal)?.split(separator: UInt8(ascii: "\n")) ?? [] {
      events.append(try (Self.decoded(Array(line), journal) as KeptEvent).event)
    }
    try writeDurably { db in
      let existing = try db.row("SELECT count(*) FROM projector") { $0[0] as Int }!
      guard existing == 0 else {
        throw StoreError.invalid(what: "the store to restore into", got: "\(existing) projectors", expected: "none")
      }
      for (row, encoded) in projectors { try Self.insert(row, encoded, db) }
      for (key, value) in settings {
        try db.run("INSERT OR IGNORE INTO setting(key, value) VALUES (?, ?)", [key, value])
      }
      for event in events { try Self.insert(event, db) }
    }
  }

  func exportSettings(to directory: FilePath) throws(StoreError) {
    try StoreOpening.prepareDirectory(directory)
    let settings = try read { db in
      Dictionary(
        uniqueKeysWithValues: try db.rows("SELECT key, value FROM setting") { ($0[0] as String, $0[1] as String) })
    }
    try KeptFile.write(try Self.json(settings), to: directory.appending("settings.json"))
  }

  private func exportJournal(to directory: FilePath) throws(StoreError) {
    var lines: [UInt8] = []
    for event in try journal(limit: Self.journalLimit).reversed() {
      lines += try Self.json(KeptEvent(event), .sortedKeys)
      lines.append(UInt8(ascii: "\n"))
    }
    try KeptFile.write(lines, to: directory.appending("journal.jsonl"))
  }

  private static func folder(ofVersion version: Int) -> String {
    let digits = String(version)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// By version, so that parents come first.
  private static func keptProjectors(_ directory: FilePath) throws(StoreError) -> [(ProjectorRow, EncodedProjector)] {
    var kept: [(ProjectorRow, EncodedProjector)] = []
    for name in try KeptFile.list(directory) {
      let own = directory.appending(name)
      // The row is written last: a folder without one was left half written.
      guard let row = try KeptFile.read(own.appending("projector.json")),
        let projector = try KeptFile.read(own.appending("projector.bin")),
        let quantizer = try KeptFile.read(own.appending("quantizer.bin"))
      else { continue }
      kept.append(
        (
          try decoded(row, own.appending("projector.json")),
          EncodedProjector(projector: projector, quantizer: quantizer)
        ))
    }
    return kept.sorted { $0.0.version < $1.0.version }
  }

  private static func insert(_ row: ProjectorRow, _ encoded: EncodedProjector, _ db: Database) throws {
    try db.run(
      """
      INSERT INTO projector(id, version, parent, state, method, dimensions, bits, recipe, seed, corpus_fingerprint,
        profile, reason, created, model, encoded_projector, encoded_quantizer)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        row.id, row.version, row.parent, row.state.rawValue, row.method, row.dimensions, row.bits, row.recipe,
        Int64(bitPattern: row.seed), row.corpusFingerprint, row.profile, row.reason, row.created,
        try modelID(row.model, db), Data(encoded.projector), Data(encoded.quantizer),
      ])
  }

  private static func json(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting = [.sortedKeys, .prettyPrinted]
  ) throws(StoreError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    do {
      return Array(try encoder.encode(value))
    } catch {
      throw .invalid(what: "a row to be kept", got: "\(error)", expected: "what JSON can say")
    }
  }

  private static func decoded<Value: Decodable>(_ bytes: [UInt8], _ file: FilePath) throws(StoreError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch {
      throw .invalid(what: file.string, got: "\(error)", expected: "JSON as this program writes it")
    }
  }

  /// An event as a line of the journal: a path that is not UTF-8 is kept as its bytes in base 64.
  private struct KeptEvent: Codable {
    var time: Int64
    var share: Int64?
    var path: String?
    var pathBase64: String?
    var kind: String
    var detail: String?

    init(_ event: JournalEvent) {
      time = event.time
      share = event.share
      path = event.path?.validatedString
      pathBase64 = path == nil ? event.path?.blob.base64EncodedString() : nil
      kind = event.kind
      detail = event.detail
    }

    var event: JournalEvent {
      let bytes = path.map { Data($0.utf8) } ?? pathBase64.flatMap { Data(base64Encoded: $0) }
      // A path cannot hold NUL: such a line was not written by us, and is kept without its path.
      let usable = bytes.flatMap { $0.contains(0) ? nil : FilePath(bytes: $0) }
      return JournalEvent(time: time, share: share, path: usable, kind: kind, detail: detail)
    }
  }
}
