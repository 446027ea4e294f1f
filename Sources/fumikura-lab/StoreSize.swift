import Evaluation
import Foundation
import LinearAlgebra
import LinuxSystem
import PassageStore
import RateReduction
import SystemPackage

/// What the daemon's database takes for a passage, by filling one of its own with some.
enum StoreSize {
  private static let most = 500

  /// Bytes a passage, without codes: text, keyword index, source vector and rows. The database lies in a temporary folder
  /// that only this user may enter, and goes with it.
  static func perPassage(_ texts: [String], vectors: Matrix) throws -> Double {
    var name = Array("/tmp/fumikura-profile-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else {
      throw LabError.unusable("no folder could be made in /tmp: \(Errno(rawValue: errno))")
    }
    let folder = FilePath(platformString: name)
    defer { try? FileManager.default.removeItem(atPath: folder.string) }  // what is left behind in /tmp harms nobody
    let database = folder.appending("fumikura.db")
    let store = try PassageStore(at: database)
    try store.emptyLog()
    let empty = try size(database)
    let model = SHA256Digest(of: Array("a model".utf8))
    let share = try store.register(share: "profile", root: "/", device: 0).id
    var (passages, kept): ([NewPassage], [NewVector]) = ([], [])
    // Evenly out of all: neighbours are often of one file, and of one length.
    let count = min(most, texts.count)
    for place in 0..<count {
      let row = place * texts.count / count
      let key = PassageKey.of(texts[row], model: model)
      let vector = SourceVector(vectors.row(row))
      kept.append(NewVector(key: key, values: vector.values, scale: vector.scale))
      passages.append(NewPassage(ordinal: place, text: texts[row], start: 0, length: texts[row].count, key: key))
    }
    _ = try store.commit(
      IndexedFile(
        share: share, path: "file",
        attributes: FileAttributes(
          kind: .regular, size: 1, modified: 0, changed: 0, inode: 1, device: 0, mode: 0o644, userID: 0, groupID: 0,
          acl: nil),
        contentHash: model, readAt: 0, type: "text", model: model, passages: passages, vectors: kept),
      finishing: nil)
    try store.emptyLog()
    return Double(try size(database) - empty) / Double(count)
  }

  private static func size(_ file: FilePath) throws -> Int {
    (try FileManager.default.attributesOfItem(atPath: file.string)[.size] as? Int) ?? 0
  }
}
