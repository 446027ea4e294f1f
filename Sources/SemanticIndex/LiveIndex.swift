import LinuxSystem
import PassageStore
import RateReduction
import Synchronization
import SystemPackage

/// What search needs in memory: every passage's code, which file it is of, and who may read that file.
///
/// A copy of what the database says, made at start and kept in step after each commit; it may be thrown away and made
/// again at any time. Files and directories are common to all; the passages of each model stand by themselves, as their
/// codes can be compared among themselves alone.
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

  /// What the wide codes of one model's passages may take in memory, in bytes.
  let wideMemory: Int

  init(wideMemory: Int) { self.wideMemory = wideMemory }

  /// Those of each model that has passages, or is about to have some.
  private(set) var parts: [ModelRows] = []

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

  /// The same again; rows are shared until one of the two replaces its own.
  borrowing func copy() -> LiveIndex { copy self }

  var livePassages: Int { parts.reduce(0) { $0 + $1.liveCount } }

  func part(of model: SHA256Digest) -> ModelRows? { parts.first { $0.model == model } }

  /// Puts the rows of one model, new and yet without passages, in place of those that it has.
  mutating func replacePart(_ part: ModelRows) {
    if let index = parts.firstIndex(where: { $0.model == part.model }) {
      parts[index] = part
    } else {
      parts.append(part)
    }
  }

  /// Takes over the rows of all models from a copy of this index, which has the same files.
  mutating func takeParts(of other: borrowing LiveIndex) { parts = other.parts }

  /// Leaves out models without a passage, but for those given.
  mutating func dropEmptyParts(except models: Set<SHA256Digest>) {
    parts.removeAll { $0.liveCount == 0 && !models.contains($0.model) }
  }

  // MARK: Files

  /// Where a file stands in `files`.
  func slot(of id: Int64) -> Int32? { slots[id] }

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

  /// Adds a passage to its model's rows; its id must be above every other's there.
  mutating func append(passage: Int64, vector: Int64, file: Int64, model: SHA256Digest, code: [UInt8]) {
    guard let slot = slots[file], let index = parts.firstIndex(where: { $0.model == model }) else { return }
    parts[index].append(passage: passage, vector: vector, slot: slot, code: code)
  }

  /// Takes passages out of all later searches.
  mutating func remove(passages: [Int64]) {
    for index in parts.indices { parts[index].remove(passages) }
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
}
