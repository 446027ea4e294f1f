import LinearAlgebra
import LinuxSystem
import PassageStore
import SystemPackage
import Testing

@testable import SemanticIndex

@Suite("CallerViews")
struct CallerViewsTests {
  private static let model = SHA256Digest(of: Array("a model".utf8))
  private static let callers: [FileSystemCheck.Caller] = [
    .administrator, .user(Credentials(userID: 0, groupID: 0, groups: [])),
    .user(Credentials(userID: 5, groupID: 5, groups: [])), .user(Credentials(userID: 5, groupID: 5, groups: [7])),
    .user(Credentials(userID: 6, groupID: 7, groups: [8])),
  ]

  private static func attributes(mode: UInt32, group: UInt32 = 0, kind: FileKind = .regular) -> FileAttributes {
    FileAttributes(
      kind: kind, size: 1, modified: 0, changed: 0, inode: 1, device: 1, mode: mode, userID: 5, groupID: group)
  }

  private static func row(_ id: Int64, folder: Int, mode: UInt32, group: UInt32) -> FileRow {
    FileRow(
      id: id, share: 1, path: FilePath("\(folder)/\(id).txt"), attributes: attributes(mode: mode, group: group),
      contentHash: nil, readAt: 0, state: .indexed)
  }

  /// An index of some folders that everybody may enter.
  private static func index(folders: Int) -> LiveIndex {
    var live = LiveIndex(wideMemory: 0)
    live.replacePart(ModelRows(model: model, dimensions: 4, projector: nil, wideMemory: 0))
    for path in ["/", "/share"] + (0..<folders).map({ "/share/\($0)" }) {
      live.setDirectory(FilePath(path), attributes(mode: 0o755, kind: .directory))
    }
    live.setWay([], to: 1)
    return live
  }

  /// What a caller may read, bit by bit and from nothing.
  private static func plainRows(_ live: borrowing LiveIndex, _ caller: FileSystemCheck.Caller) -> [Bool] {
    let files = live.readableFiles(for: caller)
    let part = live.part(of: model)!
    return part.passageIDs.indices.map { part.isAlive($0) && files[Int(part.fileSlots[$0])] }
  }

  private static func bits(_ words: [UInt64]?, count: Int) -> [Bool] {
    (0..<count).map { row in words.map { $0[row / 64] >> UInt64(row % 64) & 1 == 1 } ?? true }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `after every change each caller has the rows that they may read now`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var live = Self.index(folders: 3)
    let views = CallerViews()
    var nextPassage: Int64 = 1
    var files: [Int64: [Int64]] = [:]
    for step in 0..<400 {
      let id = Int64.random(in: 1...12, using: &random)
      let mode = [0o644, 0o640, 0o600, 0o000].randomElement(using: &random)!
      let group = UInt32.random(in: 7...8, using: &random)
      let folder = Int.random(in: 0..<3, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0:
        live.put(Self.row(id, folder: folder, mode: UInt32(mode), group: group), root: "/share")
        files[id] = files[id] ?? []
      case 1, 2, 3:
        guard files[id] != nil else { continue }
        for _ in 0..<Int.random(in: 1...40, using: &random) {
          live.append(passage: nextPassage, vector: nextPassage, file: id, model: Self.model, code: [1, 2, 3, 4])
          files[id]!.append(nextPassage)
          nextPassage += 1
        }
      case 4:
        guard let passages = files[id] else { continue }
        live.remove(passages: Array(passages.prefix(passages.count / 2)))
        files[id]!.removeFirst(passages.count / 2)
      case 5:
        live.remove(passages: files[id] ?? [])
        live.removeFile(id)
        files[id] = nil
      case 6: live.narrow(id, to: AccessRule(Self.attributes(mode: UInt32(mode), group: group)))
      default:
        let rights: UInt32 = Bool.random(using: &random) ? 0o755 : 0o700
        if Bool.random(using: &random) {
          live.setDirectory(FilePath("/share/\(folder)"), Self.attributes(mode: rights, kind: .directory))
        } else {
          live.setWay([AccessRule(Self.attributes(mode: rights, kind: .directory))], to: 1)
        }
      }
      for caller in Self.callers {
        let part = live.part(of: Self.model)!
        let found = Self.bits(views.rows(of: part, live, for: caller), count: part.passageIDs.count)
        #expect(found == Self.plainRows(live, caller), "seed \(seed), step \(step), \(caller)")
      }
    }
    #expect(nextPassage > 100)
  }

  @Test func `rows that did not change are not worked out again`() {
    var live = Self.index(folders: 1)
    live.put(Self.row(1, folder: 0, mode: 0o644, group: 0), root: "/share")
    for passage in 1...100 {
      live.append(passage: Int64(passage), vector: 1, file: 1, model: Self.model, code: [1, 2, 3, 4])
    }
    let views = CallerViews()
    let place = { (live: borrowing LiveIndex) in
      views.rows(of: live.part(of: Self.model)!, live, for: Self.callers[3])!.withUnsafeBufferPointer { $0.baseAddress }
    }
    let first = place(live)
    #expect(place(live) == first)
    // The same state, however many copies of it there are.
    #expect(place(live.copy()) == first)
    live.remove(passages: [7])
    #expect(place(live) != first)
  }

  @Test func `copies of an index that went different ways are not mistaken for each other`() {
    var live = Self.index(folders: 1)
    live.put(Self.row(1, folder: 0, mode: 0o644, group: 0), root: "/share")
    for passage in 1...4 {
      live.append(passage: Int64(passage), vector: 1, file: 1, model: Self.model, code: [1, 2, 3, 4])
    }
    var other = live.copy()
    live.remove(passages: [1])
    other.remove(passages: [2])
    let views = CallerViews()
    for _ in 0..<2 {
      #expect(views.rows(of: live.part(of: Self.model)!, live, for: Self.callers[2]) == [0b1110])
      #expect(views.rows(of: other.part(of: Self.model)!, other, for: Self.callers[2]) == [0b1101])
    }
  }
}
