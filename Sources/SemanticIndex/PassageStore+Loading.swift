import LinuxSystem
import PassageStore
import RateReduction

extension PassageStore {
  /// The projector in force for a model's vectors, ready for use.
  func projectorInForce(of model: SHA256Digest) throws -> ProjectorInForce? {
    guard let row = try activeProjector(of: model) else { return nil }
    return try ProjectorInForce(row: row, encoded: encodedProjector(row.id))
  }

  /// Reads the rows of one model into `live`, whose files must be there: codes of the projector given, else the source
  /// vectors.
  func fill(_ live: inout LiveIndex, model: SHA256Digest, dimensions: Int, projector: ProjectorInForce?) throws {
    var rows = ModelRows(model: model, dimensions: dimensions, projector: projector, wideMemory: live.wideMemory)
    rows.reserve(try counts().values.reduce(0) { $0 + $1.passages })
    let bytesPerRow = projector?.stages.bytesPerRow ?? dimensions
    // A file's passages mostly come one after another.
    var last: (file: Int64, slot: Int32)?
    var code: [UInt8] = []
    try loadPassages(projector: projector?.row.id, model: model) { passage in
      if last?.file != passage.fileID { last = live.slot(of: passage.fileID).map { (passage.fileID, $0) } }
      guard let last, last.file == passage.fileID, passage.bytes.count == bytesPerRow else { return }
      if projector != nil {
        rows.append(passage: passage.passageID, vector: passage.vectorID, slot: last.slot, code: passage.bytes)
      } else {
        // Source vectors are stored signed; their code is the value plus 128.
        code.removeAll(keepingCapacity: true)
        for byte in passage.bytes { code.append(byte ^ 0x80) }
        code.withUnsafeBytes {
          rows.append(passage: passage.passageID, vector: passage.vectorID, slot: last.slot, code: $0)
        }
      }
    }
    live.replacePart(rows)
  }

  /// Makes the codes that a projector's vectors lack, some thousand in one transaction.
  ///
  /// - Parameters:
  ///   - includingUnused: also those of vectors that no passage uses yet.
  ///   - progress: told after each transaction how many were made in all; false ends the work.
  func codeMissing(
    by projector: ProjectorInForce, includingUnused: Bool = false, progress: (Int) -> Bool = { _ in true }
  ) throws {
    var made = 0
    // From where the last ones ended: to look past all that have codes each time would take a time like their square.
    var cursor: Int64?
    while true {
      let vectors = try vectorsWithoutCode(
        projector: projector.row.id, after: cursor, limit: 2000, includingUnused: includingUnused)
      guard let last = vectors.last else {
        if cursor == nil { return }
        // Once more from the first: passages may have taken up vectors that were passed by.
        cursor = nil
        continue
      }
      cursor = last.id
      let codes = projector.codes(of: vectors)
      try putCodes(projector: projector.row.id, zip(vectors, codes).map { ($0.id, $1) })
      made += vectors.count
      guard progress(made) else { return }
    }
  }

  /// A candidate left by a daemon that ended during its training will never be finished.
  func recoverProjectors() throws {
    for row in try projectors() where row.state == .candidate {
      _ = try setState(of: row.id, to: .rejected, reason: "interrupted: the daemon ended before it came into force")
      try dropCodes(projector: row.id)
    }
  }
}
