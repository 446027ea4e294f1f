import Foundation
import LinuxSystem
import PassageStore
import SystemPackage

/// A store in a directory of its own, which goes with it.
final class StoreFixture {
  let directory: FilePath
  private(set) var store: PassageStore!

  static let model = SHA256Digest(of: Array("a model".utf8))

  var database: FilePath { directory.appending("state").appending("fumikura.db") }

  init() throws {
    directory = try Self.temporaryDirectory()
    store = try PassageStore(at: database)
  }

  deinit {
    store = nil
    Self.delete(directory)
  }

  /// Closes the store, lets `body` touch its files, and opens it again.
  func reopen(after body: () throws -> Void = {}) throws {
    store = nil
    try body()
    store = try PassageStore(at: database)
  }

  func close() { store = nil }

  static func temporaryDirectory() throws -> FilePath {
    let url = FileManager.default.temporaryDirectory.appending(path: "fumikura-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return FilePath(url.path)
  }

  static func delete(_ path: FilePath) {
    // A directory that is left behind in /tmp fails no test.
    try? FileManager.default.removeItem(atPath: path.string)
  }

  func share(_ name: String = "documents") throws -> Int64 {
    try store.register(share: name, root: FilePath("/srv/\(name)"), device: 7).id
  }

  static func attributes(size: Int64 = 10, mode: UInt32 = 0o644) -> FileAttributes {
    FileAttributes(
      kind: .regular, size: size, modified: 1_700_000_000_123_456_789, changed: 1_700_000_000_987_654_321,
      inode: .max - 1, device: 1 << 63 | 5, mode: mode, userID: 4_294_967_294, groupID: 100)
  }

  static func key(_ text: String) -> SHA256Digest { SHA256Digest(of: model.bytes + Array(text.utf8)) }

  /// A vector that is the text's own.
  static func vector(_ text: String, dimensions: Int = 8) -> NewVector {
    let key = key(text)
    return NewVector(
      key: key, values: (0..<dimensions).map { Int8(bitPattern: key.bytes[$0 % 32]) }, scale: 0.0078125)
  }

  static func file(
    share: Int64, _ path: FilePath, _ texts: [String], vectors: [NewVector]? = nil, codes: NewCodes? = nil,
    heading: String? = nil
  ) -> IndexedFile {
    var start = 0
    var passages: [NewPassage] = []
    for (ordinal, text) in texts.enumerated() {
      let length = text.unicodeScalars.count
      passages.append(
        NewPassage(
          ordinal: ordinal, text: text, heading: heading, page: 1 + ordinal / 2, start: start, length: length,
          key: key(text)))
      start += length + 1
    }
    return IndexedFile(
      share: share, path: path, attributes: attributes(size: Int64(start)),
      contentHash: SHA256Digest(of: Array(texts.joined(separator: "\n").utf8)), readAt: 1_700_000_001_000_000_000,
      type: "text", title: "title", model: model, passages: passages,
      vectors: vectors ?? texts.map { vector($0) }, codes: codes)
  }

  @discardableResult
  func commit(share: Int64, _ path: FilePath, _ texts: [String], finishing job: Job? = nil) throws -> CommittedFile {
    try store.commit(Self.file(share: share, path, texts), finishing: job)
  }

  static func projector(_ method: String = "mcr2", state: ProjectorState = .candidate) -> NewProjector {
    NewProjector(
      state: state, method: method, dimensions: 128, bits: 4, recipe: #"{"steps":500}"#, seed: .max,
      corpusFingerprint: "abc", created: 1_700_000_000_000_000_000, model: model,
      encoded: EncodedProjector(projector: [1, 2, 3, 0, 255], quantizer: [9]))
  }
}

/// A path that is not UTF-8.
let oddPath = FilePath(bytes: [0x64, 0x69, 0x72, 0x2F, 0xFF, 0xFE, 0x2E, 0x74, 0x78, 0x74])
