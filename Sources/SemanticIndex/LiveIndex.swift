import LinuxSystem
import PassageStore
import RateReduction
import Synchronization
import SystemPackage

/// What search needs in memory: every passage's code, which file it is of, and who may read that file.
///
/// A copy of what the database says, made at start and kept in step after each commit; it may be thrown away and made
/// again at any time. A passage is a *row*; rows stand in the order of their passage ids (which only ever grow), so that
/// a passage's row is found by bisection and no dictionary of a million entries is kept. A removed row stays as a dead
/// one until a quarter is dead; then the rows are packed.
struct LiveIndex {
  /// One file as search sees it.
  struct File {
    let id: Int64
    var share: Int64
    /// Relative to the share's root.
    var path: FilePath
    var directory: Int32
    var rule: AccessRule
    /// What the file was found to grant since; it counts where it grants less, and nobody gains by it: the text is still
    /// that which was read under `rule`.
    var narrowing: AccessRule?
    /// The generation at which the text was known to be what the file held, under `rule` and in this place.
    var verified: UInt64
    /// The generation at which it came to this place.
    var placed: UInt64
    var size: Int64
    var modified: Int64
    var type: String?
    var state: FileState
    var passages: Int32
  }

  /// The codes' meaning: nil while source vectors themselves are scanned.
  private(set) var projector: ProjectorInForce?
  private(set) var codes: CodeBlock
  private(set) var passageIDs: [Int64] = []
  private(set) var vectorIDs: [Int64] = []
  private(set) var fileSlots: [Int32] = []
  private var alive: [UInt64] = []
  private(set) var deadRows = 0

  private(set) var files: [File?] = []
  private var slots: [Int64: Int32] = [:]
  private var freeSlots: [Int32] = []
  private(set) var directories = DirectoryTable()
  /// What the directories above each share's root require; a share that is not in it is closed.
  private var gates: [Int64: (rules: [AccessRule]?, changed: UInt64)] = [:]
  /// Another, higher one with every change of a file, its permissions or a directory's: what was worked out for a caller
  /// is old then. No two states of any index have the same, so that one made anew is never taken for the one before.
  private(set) var generation = LiveIndex.nextGeneration()
  private static let lastGeneration = Atomic<UInt64>(0)
  private static func nextGeneration() -> UInt64 { lastGeneration.add(1, ordering: .relaxed).newValue }

  init(projector: ProjectorInForce?, format: CodeFormat) {
    self.projector = projector
    codes = CodeBlock(format: format)
  }

  /// The same again; rows are shared until one of the two replaces its own.
  borrowing func copy() -> LiveIndex { copy self }

  var livePassages: Int { passageIDs.count - deadRows }

  /// Rows of another projector in place of these, files and directories staying as they are.
  mutating func replaceRows(projector: ProjectorInForce?, format: CodeFormat) {
    self.projector = projector
    codes = CodeBlock(format: format)
    passageIDs = []
    vectorIDs = []
    fileSlots = []
    alive = []
    deadRows = 0
  }

  // MARK: Files

  func file(_ id: Int64) -> File? { slots[id].flatMap { files[Int($0)] } }

  /// Puts a file as the store has it now; `root` is its share's.
  ///
  /// - Parameter verified: the generation before which its content was seen to be what the store has; nil where it was
  ///   not looked at.
  mutating func put(_ row: FileRow, root: FilePath, verified: UInt64? = nil) {
    generation = Self.nextGeneration()
    let absolute = root.pushing(row.path)
    let old = self.file(row.id)
    let isInPlace = old.map { $0.share == row.share && $0.path == row.path } ?? false
    let file = File(
      id: row.id, share: row.share, path: row.path, directory: directories.index(of: absolute.removingLastComponent()),
      rule: AccessRule(row.attributes), narrowing: nil, verified: verified ?? old?.verified ?? 0,
      placed: isInPlace ? old!.placed : verified ?? generation, size: row.attributes.size,
      modified: row.attributes.modified, type: row.type, state: row.state, passages: Int32(row.passages))
    if let slot = slots[row.id] {
      files[Int(slot)] = file
    } else if let slot = freeSlots.popLast() {
      files[Int(slot)] = file
      slots[row.id] = slot
    } else {
      slots[row.id] = Int32(files.count)
      files.append(file)
    }
  }

  /// Forgets a file; its passages must have been removed.
  mutating func removeFile(_ id: Int64) {
    guard let slot = slots.removeValue(forKey: id) else { return }
    generation = Self.nextGeneration()
    files[Int(slot)] = nil
    freeSlots.append(slot)
  }

  /// Notes that a file grants other rights now, while its text is still the one that was read before.
  mutating func narrow(_ id: Int64, to rule: AccessRule) {
    guard let slot = slots[id] else { return }
    generation = Self.nextGeneration()
    files[Int(slot)]?.narrowing = rule
  }

  /// Notes who may now pass through a directory; nil: that this cannot be known.
  mutating func setDirectory(_ path: FilePath, _ attributes: FileAttributes?) {
    guard !directories.isKnown(path, attributes) else { return }
    generation = Self.nextGeneration()
    directories.set(attributes, for: path, generation: generation)
  }

  /// Whether the way to a share's root is known to require just that.
  func isKnown(way: [AccessRule]?, to share: Int64) -> Bool { gates[share].map { $0.rules == way } ?? false }

  /// Notes what the directories above a share's root require; nil: nobody but administrators passes.
  mutating func setWay(_ rules: [AccessRule]?, to share: Int64) {
    generation = Self.nextGeneration()
    gates[share] = (rules, generation)
  }

  /// Whether a file's place and the permissions on the way to it are still those under which its text was read. Only
  /// then may its text be shown to those who may read it now, where the file holds something else by now: a text that
  /// was taken out before the file was opened to others is not for them.
  func isSettled(_ id: Int64) -> Bool {
    guard let file = file(id) else { return false }
    return file.verified >= file.placed && file.verified >= directories.lastChange(above: file.directory)
      && file.verified >= gates[file.share]?.changed ?? .max
  }

  // MARK: Rows

  /// Adds a passage, whose id must be above every other's.
  mutating func append(passage: Int64, vector: Int64, file: Int64, code: [UInt8]) {
    precondition(passageIDs.last.map { $0 < passage } ?? true, "passage ids only ever grow")
    guard let slot = slots[file] else { return }
    let row = passageIDs.count
    passageIDs.append(passage)
    vectorIDs.append(vector)
    fileSlots.append(slot)
    codes.append(code)
    if row % 64 == 0 { alive.append(0) }
    alive[row / 64] |= 1 << UInt64(row % 64)
  }

  /// Takes passages out of all later searches.
  mutating func remove(passages: some Sequence<Int64>) {
    for passage in passages {
      guard let row = row(of: passage), isAlive(row) else { continue }
      alive[row / 64] &= ~(1 << UInt64(row % 64))
      deadRows += 1
    }
    if deadRows > 1024 && deadRows * 4 > passageIDs.count { pack() }
  }

  func row(of passage: Int64) -> Int? {
    var low = 0
    var high = passageIDs.count
    while low < high {
      let middle = (low + high) / 2
      if passageIDs[middle] < passage { low = middle + 1 } else { high = middle }
    }
    return low < passageIDs.count && passageIDs[low] == passage ? low : nil
  }

  func isAlive(_ row: Int) -> Bool { alive[row / 64] & (1 << UInt64(row % 64)) != 0 }

  /// The rows that a search may see, one bit a row; nil where that is all of them.
  func allowedRows(files allowed: [Bool]?) -> [UInt64]? {
    guard let allowed else { return deadRows == 0 ? nil : alive }
    var bits = alive
    for word in bits.indices where bits[word] != 0 {
      let first = word * 64
      let last = min(first + 64, fileSlots.count)
      var mask: UInt64 = 0
      for row in first..<last where allowed[Int(fileSlots[row])] { mask |= 1 << UInt64(row - first) }
      bits[word] &= mask
    }
    return bits
  }

  /// Which files the caller may read, by slot, as far as the index knows.
  func readableFiles(for caller: FileSystemCheck.Caller) -> [Bool] {
    guard case .user(let credentials) = caller, credentials.userID != 0 else { return files.map { $0 != nil } }
    let passable = directories.passable(to: credentials)
    let open = gates.mapValues { $0.rules?.allSatisfy { $0.allows(.search, to: credentials) } ?? false }
    return files.map { file in
      guard let file, open[file.share] ?? false else { return false }
      return passable[Int(file.directory)] && file.rule.allows(.read, to: credentials)
        && file.narrowing?.allows(.read, to: credentials) ?? true
    }
  }

  /// Whether a file is among those of `readableFiles`.
  func isAmong(_ readable: [Bool], _ id: Int64) -> Bool { slots[id].map { readable[Int($0)] } ?? false }

  private mutating func pack() {
    let live = passageIDs.indices.filter(isAlive)
    let packed = CodeBlock(format: codes.format, capacity: live.count)
    for row in live { packed.append(codes.code(at: row)) }
    codes = packed
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
