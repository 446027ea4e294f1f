import Foundation
import GRDB
import Glibc
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("Opening, and databases that must not be written")
struct OpeningTests {
  @Test("The directory is made ours alone, and a second daemon is told who has it")
  func directoryAndLock() throws {
    let fixture = try StoreFixture()
    let state = fixture.database.removingLastComponent()
    let mode = { try FileManager.default.attributesOfItem(atPath: state.string)[.posixPermissions] as? Int }
    #expect(try mode() == 0o700)
    #expect(throws: StoreError.locked(path: fixture.database, holder: getpid())) {
      try PassageStore(at: fixture.database)
    }
    try fixture.reopen { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: state.string) }
    #expect(try mode() == 0o700)
    #expect(throws: StoreError.self) { try PassageStore(at: "/tmp/fumikura.db") }
  }

  @Test("What was stored is there after closing and opening")
  func reopening() throws {
    let fixture = try StoreFixture()
    let share = try fixture.share()
    try fixture.commit(share: share, "a", ["one", "二つ目"])
    let before = try fixture.store.snapshotForComparison()
    try fixture.reopen()
    #expect(try fixture.store.snapshotForComparison() == before)
    #expect(try fixture.store.verify() == [])
  }

  @Test("A newer schema is named with both numbers, and neither database nor WAL is written")
  func newerSchema() throws {
    let fixture = try StoreFixture()
    try fixture.commit(share: try fixture.share(), "a", ["one"])
    fixture.close()
    // Left with a WAL, as by a kill: a connection that closes last would otherwise fold it in.
    let queue = try DatabaseQueue(path: fixture.database.string, configuration: StoreOpening.configuration())
    try queue.inDatabase { try $0.execute(sql: "PRAGMA user_version = 7") }
    let copy = try Self.copy(fixture.database)
    defer { StoreFixture.delete(copy.removingLastComponent()) }
    try queue.close()
    let before = try Self.contents(copy)
    #expect(before.count == 2, "database and WAL")
    #expect(throws: StoreError.newerSchema(path: copy, found: 7, supported: Schema.version)) {
      try PassageStore(at: copy)
    }
    #expect(try Self.contents(copy) == before)
  }

  @Test("A file that is no database is named with its first bytes and kept")
  func notADatabase() throws {
    for bytes in [Array("Dear diary, today".utf8), [0x53], [UInt8](repeating: 0, count: 8192)] {
      let directory = try StoreFixture.temporaryDirectory()
      defer { StoreFixture.delete(directory) }
      let path = directory.appending("fumikura.db")
      try Data(bytes).write(to: URL(filePath: path.string))
      #expect(throws: StoreError.notADatabase(path: path, found: Array(bytes.prefix(16)))) {
        try PassageStore(at: path)
      }
      #expect(try Data(contentsOf: URL(filePath: path.string)) == Data(bytes))
    }
  }

  @Test("Another program's database is left alone")
  func foreign() throws {
    let directory = try StoreFixture.temporaryDirectory()
    defer { StoreFixture.delete(directory) }
    let path = directory.appending("fumikura.db")
    try DatabaseQueue(path: path.string).write { try $0.execute(sql: "CREATE TABLE song(title TEXT)") }
    let before = try Self.contents(path)
    #expect(
      throws: StoreError.foreignDatabase(path: path, foundApplicationID: 0, expected: Schema.applicationID)
    ) { try PassageStore(at: path) }
    #expect(try Self.contents(path) == before)
  }

  @Test("An empty file is a new store")
  func empty() throws {
    let directory = try StoreFixture.temporaryDirectory()
    defer { StoreFixture.delete(directory) }
    let path = directory.appending("fumikura.db")
    try Data().write(to: URL(filePath: path.string))
    #expect(try PassageStore(at: path).verify() == [])
  }

  @Test(
    "A damaged database is an error of the store, never a crash, and is kept as it is",
    arguments: ["truncated", "half a page", "zeroed page", "random page", "random everywhere", "zeroed schema"])
  func damaged(how: String) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SampleGenerator(seed: seed)
    let fixture = try StoreFixture()
    let share = try fixture.share()
    for number in 0..<40 {
      try fixture.commit(share: share, FilePath("f\(number)"), (0..<10).map { "passage \($0) of file \(number)" })
    }
    fixture.close()
    let url = URL(filePath: fixture.database.string)
    var bytes = try Data(contentsOf: url)
    let pages = bytes.count / 4096
    #expect(pages > 20)
    let damage = { (page: Int, random: Bool) in
      for offset in page * 4096..<(page + 1) * 4096 {
        bytes[offset] = random ? UInt8.random(in: 0...255, using: &generator) : 0
      }
    }
    switch how {
    case "truncated": bytes.removeLast(8 * 4096)
    case "half a page": bytes.removeLast(2000)
    case "zeroed page": damage(pages / 2, false)
    case "random page": damage(pages / 3, true)
    case "zeroed schema": for offset in 100..<4096 { bytes[offset] = 0 }
    default: for page in 1..<pages { damage(page, true) }
    }
    try bytes.write(to: url)
    let failure = #expect(throws: StoreError.self, "seed \(seed)") { try PassageStore(at: fixture.database) }
    #expect(Self.isCorrupt(failure, fixture.database), "seed \(seed): \(String(describing: failure))")
    #expect(try Data(contentsOf: url) == bytes, "seed \(seed)")
  }

  @Test("Damage that is found while the store is open stops all writing")
  func damagedWhileOpen() throws {
    let fixture = try StoreFixture()
    let share = try fixture.share()
    for number in 0..<200 {
      try fixture.commit(share: share, FilePath("f\(number)"), (0..<10).map { "passage \($0) of file \(number)" })
    }
    // As a store that is too large to be checked when it is opened: the pages are damaged behind its back.
    try fixture.reopen()
    let size = try Data(contentsOf: URL(filePath: fixture.database.string)).count
    let file = try FileHandle(forUpdating: URL(filePath: fixture.database.string))
    try file.seek(toOffset: 4096 * 8)
    try file.write(contentsOf: Data(repeating: 0xA5, count: size - 4096 * 8))
    try file.close()
    #expect(throws: StoreError.self) { try fixture.store.snapshotForComparison() }
    let failure = #expect(throws: StoreError.self) { try fixture.commit(share: share, "new", ["text"]) }
    #expect(Self.isCorrupt(failure, fixture.database))
    #expect(try fixture.store.verify().isEmpty == false)
  }

  @Test("A full disk is an error that names the file; what was stored stays, and writing goes on once there is room")
  func fullDisk() throws {
    guard geteuid() == 0 else {
      print("skipped: a full disk needs root, to mount a small tmpfs")
      return
    }
    let directory = try StoreFixture.temporaryDirectory()
    defer { StoreFixture.delete(directory) }
    guard mount("tmpfs", directory.string, "tmpfs", 0, "size=3m,mode=0700") == 0 else {
      print("skipped: a full disk needs a tmpfs, and mount said: \(Errno(rawValue: errno))")
      return
    }
    defer { umount2(directory.string, 2) }
    let path = directory.appending("fumikura.db")
    let store = try PassageStore(at: path)
    let share = try store.register(share: "s", root: "/s", device: 1).id
    let ballast = directory.appending("ballast")
    try Data(count: 512 << 10).write(to: URL(filePath: ballast.string))
    var stored = 0
    var failure: StoreError?
    while failure == nil, stored < 5000 {
      do throws(StoreError) {
        _ = try store.commit(
          StoreFixture.file(share: share, FilePath("f\(stored)"), (0..<20).map { "passage \($0) of \(stored)" }),
          finishing: nil)
        stored += 1
      } catch {
        failure = error
      }
    }
    #expect(failure == .full(path: path))
    #expect(try store.counts()[share]?.indexed == stored)
    try FileManager.default.removeItem(atPath: ballast.string)
    _ = try store.commit(StoreFixture.file(share: share, "last", ["there is room again"]), finishing: nil)
    #expect(try store.verify() == [])
    #expect(try store.counts()[share]?.indexed == stored + 1)
  }

  /// The database and its WAL, but not the index of the WAL, which any reader makes anew.
  static func copy(_ database: FilePath) throws -> FilePath {
    let directory = try StoreFixture.temporaryDirectory()
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: database.string + suffix) {
      try FileManager.default.copyItem(
        atPath: database.string + suffix, toPath: directory.appending("fumikura.db").string + suffix)
    }
    return directory.appending("fumikura.db")
  }

  private static func isCorrupt(_ error: StoreError?, _ database: FilePath) -> Bool {
    if case .corrupt(database, let detail)? = error { return !detail.isEmpty }
    return false
  }

  static func contents(_ database: FilePath) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: database.string + suffix) {
      contents[suffix] = try Data(contentsOf: URL(filePath: database.string + suffix))
    }
    return contents
  }
}
