import Foundation
import FumikuraClient
import FumikuraProtocol
import Testing

@Suite("A real office share")
struct OfficeShareTests {
  /// The share of real documents, where this machine has it. CI must have it.
  private static let share: String? = {
    let shared =
      ProcessInfo.processInfo.environment["FUMIKURA_SHARED"]
      ?? ((TestDaemon.repository as NSString).deletingLastPathComponent + "/shared")
    let path = "\(shared)/data/share"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()
  private static let isDemanded = ProcessInfo.processInfo.environment["CI"] != nil

  @Test(
    "every file ends in a named state; a second start encodes nothing",
    .enabled(if: share != nil || isDemanded, "skipped: no ../shared/data/share on this machine"))
  func everyFile() throws {
    let share = try #require(Self.share, "CI needs ../shared/data/share")
    let daemon = try TestDaemon(share: share)
    try daemon.start()
    let began = Date()
    // Some thirty thousand passages: minutes. One call may wait for ten at most.
    for _ in 1...8 where try daemon.status().pending != 0 { _ = try? daemon.sync(milliseconds: 240_000) }
    try daemon.sync()
    let seconds = Date().timeIntervalSince(began)

    let files = try daemon.files()
    let encoded = try #require(try daemon.status().encoder?.passagesEncoded)
    let states = Dictionary(grouping: files, by: \.state).mapValues(\.count)
    print("office share: \(files.count) files, \(encoded) passages encoded in \(Int(seconds)) s, \(states)")
    #expect(states[.waiting] == nil)
    #expect(files.allSatisfy { $0.state == .indexed || $0.reason != nil }, "a file without text says why")

    let listed = Set(files.map(\.path.description))
    let present = try #require(FileManager.default.enumerator(atPath: share)).compactMap { $0 as? String }
      .map { "\(share)/\($0)" }
      .filter { path in
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
      }
    #expect(present.count > 1000)
    let client = try daemon.client()
    for path in present where !listed.contains(path) {
      let why = try client.call(.indexWhy, IndexWhyParameters(path: WirePath(path)))
      #expect(why.state == .ignored, "\(path) is neither listed nor ignored")
    }
    #expect(listed.isSubset(of: present))
    #expect(try daemon.search("penalty for paying an invoice late").isEmpty == false)

    #expect(daemon.stop() == 0)
    let again = Date()
    try daemon.start()
    print("office share: ready again in \(Int(Date().timeIntervalSince(again) * 1000)) ms")
    try daemon.sync()
    #expect(try daemon.status().encoder?.passagesEncoded == 0)
    #expect(daemon.stop() == 0)
  }
}
