import Evaluation

/// What one way of keeping vectors small costs.
package struct ProfileCost: Sendable, Hashable {
  /// Milliseconds of an exact scan on one thread, by the number of codes; none for floats.
  package var scanMilliseconds: [Int: Double] = [:]
  /// The codes that the largest scan was measured on where they would not fit the memory set aside: its time was then
  /// reckoned in proportion.
  package var scannedRows: Int?
  /// Bytes of memory for a million passages: codes, norms, ids and, where it is held, the wide code.
  package var memoryAtMillion: Int
  /// Seconds that the training took; nil where there is none.
  package var trainingSeconds: Double?
  /// Bytes of the database for a passage.
  package var databaseBytes: Int

  /// The numbers of codes that scans are measured at.
  package static let scanSizes = [10_000, 100_000, 1_000_000]

  package init(
    memoryAtMillion: Int, databaseBytes: Int, trainingSeconds: Double? = nil, scanMilliseconds: [Int: Double] = [:],
    scannedRows: Int? = nil
  ) {
    self.memoryAtMillion = memoryAtMillion
    self.databaseBytes = databaseBytes
    self.trainingSeconds = trainingSeconds
    self.scanMilliseconds = scanMilliseconds
    self.scannedRows = scannedRows
  }

  /// The costs of a point that follow from its form.
  ///
  /// In memory a passage has its ids (passage, vector: 8 bytes each; file: 4), a bit, and for each code a norm (4). In the
  /// database a code has its keys and SQLite's record beside it (16).
  package init(of point: ProfilePoint, databaseBytes: Double, trainingSeconds: Double?) {
    let wide = point.rescorer == .wide ? ProfilePoint.wideBytes(point.inputDimensions) : 0
    let held = Double(point.codeBytes + 4 + (wide > 0 ? wide + 4 : 0) + 20) + 0.125
    self.init(
      memoryAtMillion: Int(held * 1_000_000),
      databaseBytes: Int((databaseBytes + Double(point.codeBytes + wide + 16)).rounded()),
      trainingSeconds: trainingSeconds)
  }
}
