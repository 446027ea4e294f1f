import Foundation
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
    let whole = projector?.stages.bytesPerRow ?? dimensions
    let length = (whole: whole, kept: rows.keepsWideCodes ? whole : rows.codes.format.bytesPerCode)
    // A file's passages mostly come one after another.
    var last: (file: Int64, slot: Int32?)?
    try loadBatches(projector: projector?.row.id, model: model, length: length, readers: Self.loadingThreads) { batch in
      let slots = batch.fileIDs.map { file in
        if last?.file != file { last = (file, live.slot(of: file)) }
        return last!.slot
      }
      var codes = batch.bytes
      if projector == nil {
        // Source vectors are stored signed; their code is the value plus 128.
        for index in codes.indices { codes[index] ^= 0x80 }
      }
      rows.append(passages: batch.passageIDs, vectors: batch.vectorIDs, slots: slots, codes: codes)
    }
    live.replacePart(rows)
  }

  /// Connections that read the rows side by side: the store keeps others for searches.
  private static let loadingThreads = min(3, max(1, ProcessInfo.processInfo.activeProcessorCount))

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
