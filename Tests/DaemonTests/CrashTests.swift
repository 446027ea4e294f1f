import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import PassageStore
import SemanticIndex
import SystemPackage
import Testing

@Suite("A killed daemon loses nothing", .serialized)
struct CrashTests {
  /// Steps of a projector's way and of a change of model; the others are steps of a file's.
  private static let otherSteps: Set<CrashPoint> = [
    .projectorTrained, .projectorInserted, .codesWritten, .projectorActivated, .passagesReencoded, .beforeChangeOver,
    .changedOver,
  ]

  @Test("kill -9 at random instants, with changes before and after: the index equals that of a fresh crawl")
  func randomInstants() throws {
    var random = SeededRandom.announced("random kills")
    let daemon = try TestDaemon()
    let share = try Self.realShare(daemon, files: 30, random: random)
    for _ in 0..<(SeededRandom.isLong ? 40 : 10) {
      try daemon.launch()
      share.change(2)
      // Not a wait for anything: the instant of the kill, anywhere from the first instruction on.
      let instant = Double(random.below(1500)) / 1000
      #expect(daemon.waitForEnd(within: instant) == nil, "the daemon ended by itself")
      daemon.kill()
      share.change(1)
    }
    try daemon.start()
    try daemon.sync()
    let status = try daemon.status()
    print(
      "\(status.shares[0].passages ?? 0) passages, of which the last life encoded \(status.encoder?.passagesEncoded ?? 0)"
    )
    try share.expectIsIndexed(by: daemon, "after all kills")
    try daemon.expectIndexOfFreshCrawl()
  }

  @Test(
    "death at each named step of a file's way, with changes before and after: the index equals that of a fresh crawl")
  func everyStepOfAFile() throws {
    let daemon = try TestDaemon()
    let share = try Self.realShare(daemon, files: 8, random: .announced("steps of a file"))
    try daemon.start()
    try daemon.sync()
    try share.expectIsIndexed(by: daemon, "at first")
    daemon.kill()
    for round in 1...(SeededRandom.isLong ? 4 : 1) {
      for step in CrashPoint.allCases where !Self.otherSteps.contains(step) {
        share.change(4)
        for _ in 0..<round { share.perform(.create) }
        // A start brings one crawl, which queues all that it finds at once.
        let time = step == .hintsReceived || step == .jobsQueued ? 1 : round
        try daemon.launch(environment: ["FUMIKURA_CRASH_AT": "\(step.rawValue):\(time)"])
        let end = daemon.waitForEnd(within: 60)
        #expect(
          end == SIGKILL, "step \(step) was not reached for the \(time). time, or the daemon ended: \(end ?? -1)")
        if end == nil { daemon.kill() }
        share.change(1)
        try daemon.start()
        share.change(2)
        try daemon.sync()
        try share.expectIsIndexed(by: daemon, "after death at \(step)")
        daemon.kill()
      }
    }
    try daemon.start()
    try daemon.sync()
    try daemon.expectIndexOfFreshCrawl()
  }

  @Test("death at each named step of a projector's way: search goes on, and the next start makes another projector")
  func everyStepOfAProjector() throws {
    func settings(train: Bool) -> String {
      "[projector]\nminimum_passages = 60\ndimensions = 32\ntrain = \(train)"
    }
    let daemon = try TestDaemon(extra: settings(train: false))
    let share = LivingShare(daemon.share, random: .announced("steps of a projector"))
    share.fill(files: 40)
    let text = try String(contentsOfFile: daemon.configurationFile, encoding: .utf8)
    for step in [CrashPoint.projectorInserted, .codesWritten, .projectorActivated, .projectorTrained] {
      let trains = step == .projectorTrained
      try daemon.writeConfiguration(text.replacing("train = false", with: "train = \(trains)"))
      try daemon.launch(environment: ["FUMIKURA_CRASH_AT": step.rawValue])
      let end = daemon.waitForEnd(within: 120)
      #expect(end == SIGKILL, "step \(step) was not reached, or the daemon ended: \(end ?? -1)")
      if end == nil { daemon.kill() }
      try daemon.writeConfiguration(text)
      // This time it dies before it makes one again: what is seen is what the first death left.
      if step != .projectorActivated && step != .projectorTrained {
        let left = try PassageStore(at: FilePath("\(daemon.state)/fumikura.db")).projectors()
        #expect(left.contains { $0.state == .candidate }, "after \(step): \(left.map(\.state))")
      } else {
        try daemon.start()
        share.change(3)
        try daemon.sync()
        try share.expectIsIndexed(by: daemon, "after death at \(step)")
        #expect(try daemon.status().projector?.kind == "pca-whitened")
        #expect(daemon.stop() == 0)
        let left = try PassageStore(at: FilePath("\(daemon.state)/fumikura.db")).projectors()
        #expect(!left.contains { $0.state == .candidate }, "after \(step): \(left.map(\.state))")
        #expect(left.filter { $0.state == .active }.count == 1, "after \(step): \(left.map(\.state))")
      }
    }
    try daemon.start()
    try daemon.sync()
    try daemon.expectIndexOfFreshCrawl(extra: settings(train: false))
  }

  /// The share that the repository ships, with generated texts beside it.
  private static func realShare(_ daemon: TestDaemon, files: Int, random: SeededRandom) throws -> LivingShare {
    let source = "\(TestDaemon.repository)/examples/share"
    for name in try FileManager.default.contentsOfDirectory(atPath: source) {
      try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(daemon.share)/\(name)")
    }
    let share = LivingShare(daemon.share, random: random)
    share.fill(files: files)
    return share
  }
}
