import LinuxSystem
import PassageStore
import RateReduction

extension PassageStore {
  /// Reads the rows of the projector in force, or of the source vectors, into `live`, whose files must be there.
  func fill(_ live: inout LiveIndex) throws {
    let projector = live.projector?.row.id
    try loadPassages(projector: projector) { passage in
      // Source vectors are stored signed; their code is the value plus 128.
      let code = projector == nil ? passage.bytes.map { $0 ^ 0x80 } : Array(passage.bytes)
      live.append(passage: passage.passageID, vector: passage.vectorID, file: passage.fileID, code: code)
    }
  }

  /// Makes the codes that a projector's vectors lack, some thousand in one transaction.
  ///
  /// - Parameter progress: told after each transaction how many were made in all; false ends the work.
  func codeMissing(by projector: ProjectorInForce, progress: (Int) -> Bool = { _ in true }) throws {
    var made = 0
    while true {
      let vectors = try vectorsWithoutCode(projector: projector.row.id, limit: 2000)
      if vectors.isEmpty { return }
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
