import LinuxSystem
import RateReduction
import Synchronization

/// The passages of one model as the scan sees them: a *row* each.
///
/// Rows stand in the order of their passage ids (which only ever grow), so that a passage's row is found by bisection and
/// no dictionary of a million entries is kept. A removed row stays as a dead one until a quarter is dead; then the rows
/// are packed.
struct ModelRows {
  let model: SHA256Digest
  /// Of the model's own vectors.
  let dimensions: Int
  /// The codes' meaning: nil while source vectors themselves are scanned.
  let projector: ProjectorInForce?
  private(set) var codes: CodeBlock
  /// The wide codes of all rows, where the memory allows it; else they are read from the store.
  private(set) var wideCodes: CodeBlock?
  /// What those may take, in bytes.
  private let wideMemory: Int
  private(set) var passageIDs: [Int64] = []
  private(set) var vectorIDs: [Int64] = []
  private(set) var fileSlots: [Int32] = []
  private var alive: [UInt64] = []
  private(set) var deadRows = 0
  /// Another one with every change of the rows: what was worked out by them is old then. No two states of any rows have
  /// the same, so that rows made anew are never taken for those before.
  private(set) var revision = ModelRows.nextRevision()
  private static let lastRevision = Atomic<UInt64>(0)
  private static func nextRevision() -> UInt64 { lastRevision.add(1, ordering: .relaxed).newValue }

  init(model: SHA256Digest, dimensions: Int, projector: ProjectorInForce?, wideMemory: Int) {
    self.model = model
    self.dimensions = dimensions
    self.projector = projector
    self.wideMemory = wideMemory
    codes = CodeBlock(format: projector?.stages.scanned.format ?? .source(dimensions: dimensions))
    if let wide = projector?.stages.wide, wideMemory > 0 { wideCodes = CodeBlock(format: wide.format) }
  }

  var liveCount: Int { passageIDs.count - deadRows }

  /// Makes room for so many passages in all, where that many are known to come.
  mutating func reserve(_ count: Int) {
    passageIDs.reserveCapacity(count)
    vectorIDs.reserveCapacity(count)
    fileSlots.reserveCapacity(count)
    alive.reserveCapacity((count + 63) / 64)
    codes.reserve(count)
    if mayKeepWideCodes(count) { wideCodes?.reserve(count) } else { wideCodes = nil }
  }

  private func mayKeepWideCodes(_ count: Int) -> Bool {
    wideCodes.map { count * ($0.format.bytesPerCode + MemoryLayout<Float>.size) <= wideMemory } ?? false
  }

  /// Adds a passage, whose id must be above every other's.
  mutating func append(passage: Int64, vector: Int64, slot: Int32, code: [UInt8]) {
    code.withUnsafeBytes { append(passage: passage, vector: vector, slot: slot, code: $0) }
  }

  /// Adds a passage, whose id must be above every other's.
  ///
  /// - Parameter code: as it is stored: the scanned code, and the wide one behind it where the projector has one.
  mutating func append(passage: Int64, vector: Int64, slot: Int32, code: UnsafeRawBufferPointer) {
    precondition(passageIDs.last.map { $0 < passage } ?? true, "passage ids only ever grow")
    revision = Self.nextRevision()
    let row = passageIDs.count
    passageIDs.append(passage)
    vectorIDs.append(vector)
    fileSlots.append(slot)
    let narrow = codes.format.bytesPerCode
    codes.append(UnsafeRawBufferPointer(rebasing: code.prefix(narrow)))
    if let wide = wideCodes {
      if mayKeepWideCodes(row + 1), code.count == narrow + wide.format.bytesPerCode {
        wide.append(UnsafeRawBufferPointer(rebasing: code.dropFirst(narrow)))
      } else {
        wideCodes = nil
      }
    }
    if row % 64 == 0 { alive.append(0) }
    alive[row / 64] |= 1 << UInt64(row % 64)
  }

  /// Whether there is room for the wide codes.
  var keepsWideCodes: Bool { wideCodes != nil }

  /// Adds passages, whose ids ascend and are above every other's; those without a slot are left out.
  ///
  /// - Parameter codes: one after another, as they are stored, or without the wide ones where those are not kept.
  mutating func append(passages: [Int64], vectors: [Int64], slots: [Int32?], codes stored: [UInt8]) {
    guard !passages.isEmpty else { return }
    let width = stored.count / passages.count
    precondition(width * passages.count == stored.count, "\(stored.count) bytes are no \(passages.count) codes")
    if slots.contains(nil) {
      let known = slots.indices.filter { slots[$0] != nil }
      return append(
        passages: known.map { passages[$0] }, vectors: known.map { vectors[$0] }, slots: known.map { slots[$0] },
        codes: known.flatMap { stored[$0 * width..<($0 + 1) * width] })
    }
    precondition(passageIDs.last.map { $0 < passages[0] } ?? true, "passage ids only ever grow")
    revision = Self.nextRevision()
    passageIDs += passages
    vectorIDs += vectors
    fileSlots += slots.lazy.map { $0! }
    let narrow = codes.format.bytesPerCode
    codes.append(width == narrow ? stored : Self.bytes(0..<narrow, of: stored, width: width))
    if let wide = wideCodes {
      if mayKeepWideCodes(passageIDs.count), width == narrow + wide.format.bytesPerCode {
        wide.append(Self.bytes(narrow..<width, of: stored, width: width))
      } else {
        wideCodes = nil
      }
    }
    let first = passageIDs.count - passages.count
    alive += Array(repeating: 0, count: (passageIDs.count + 63) / 64 - alive.count)
    for row in first..<passageIDs.count { alive[row / 64] |= 1 << UInt64(row % 64) }
  }

  /// Some bytes of each code, one code's after another's.
  private static func bytes(_ range: Range<Int>, of codes: [UInt8], width: Int) -> [UInt8] {
    let count = codes.count / width * range.count
    return [UInt8](unsafeUninitializedCapacity: count) { chosen, initialized in
      codes.withUnsafeBufferPointer { codes in
        for (row, start) in stride(from: 0, to: codes.count, by: width).enumerated() {
          (chosen.baseAddress! + row * range.count)
            .initialize(from: codes.baseAddress! + start + range.lowerBound, count: range.count)
        }
      }
      initialized = count
    }
  }

  /// Takes those of the passages that are here out of all later searches.
  mutating func remove(_ passages: some Sequence<Int64>) {
    for passage in passages {
      guard let row = row(of: passage), isAlive(row) else { continue }
      alive[row / 64] &= ~(1 << UInt64(row % 64))
      deadRows += 1
      revision = Self.nextRevision()
    }
    if deadRows > 1024 && deadRows * 4 > passageIDs.count { pack() }
  }

  func row(of passage: Int64) -> Int? { Self.row(of: passage, in: passageIDs) }

  /// Where a passage stands among ascending ids.
  static func row(of passage: Int64, in ids: [Int64]) -> Int? {
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < passage { low = middle + 1 } else { high = middle }
    }
    return low < ids.count && ids[low] == passage ? low : nil
  }

  func isAlive(_ row: Int) -> Bool { alive[row / 64] & (1 << UInt64(row % 64)) != 0 }

  /// The rows that a search may see where all files are open to it, one bit a row; nil where that is all of them.
  var allRows: [UInt64]? { deadRows == 0 ? nil : alive }

  /// The rows of some files, one bit a row: a millisecond for a million.
  ///
  /// - Parameter allowed: by slot.
  func rows(ofFiles allowed: [Bool]) -> [UInt64] {
    var bits = alive
    fileSlots.withUnsafeBufferPointer { slots in
      for word in bits.indices where bits[word] != 0 {
        let first = word * 64
        var mask: UInt64 = 0
        for row in first..<min(first + 64, slots.count) {
          mask |= (allowed[Int(slots[row])] ? 1 : 0) << UInt64(row - first)
        }
        bits[word] &= mask
      }
    }
    return bits
  }

  private mutating func pack() {
    let live = passageIDs.indices.filter(isAlive)
    codes = codes.rows(live)
    wideCodes = wideCodes?.rows(live)
    passageIDs = live.map { passageIDs[$0] }
    vectorIDs = live.map { vectorIDs[$0] }
    fileSlots = live.map { fileSlots[$0] }
    deadRows = 0
    alive = (0..<(live.count + 63) / 64).map { word in
      let rows = live.count - word * 64
      return rows >= 64 ? .max : (1 << UInt64(rows)) - 1
    }
  }
}
