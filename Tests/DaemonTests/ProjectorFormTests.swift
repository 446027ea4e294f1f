import FumikuraClient
import FumikuraProtocol
import Testing

/// What the form of the codes in the configuration makes of an index that is there.
@Suite(.serialized) struct ProjectorFormTests {
  private static let form = "[projector]\nminimum_passages = 60\ndimensions = 64\ntrain = false\n"

  /// Asks until the projector in force has codes of so many bits.
  private func awaitBits(_ bits: Int, _ daemon: TestDaemon) throws {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(120) {
      if try daemon.status().projector?.bits == bits { return }
    }
    throw TestDaemon.Missing("a projector of \(bits) bits")
  }

  private struct Found: Equatable {
    let path: String
    let score: Double?
  }

  private func found(_ query: String, _ daemon: TestDaemon) throws -> [Found] {
    try daemon.search(query, limit: 20, mode: .semantic).map {
      Found(path: $0.path.description, score: $0.semanticScore)
    }
  }

  @Test("codes of another form than the configuration's are made anew; wide ones rank alike from memory and database")
  func anotherForm() throws {
    let daemon = try TestDaemon(extra: Self.form + "bits = 4\nrescore = false")
    let share = LivingShare(daemon.share, random: .announced("another form of codes"))
    share.fill(files: 60)
    // The text itself is asked for: a projector that is fitted to random words need not know what is like it.
    let question = "The lighthouse keeper counts the ships that pass at night."
    try daemon.write(question, to: "keeper.txt")
    try daemon.start()
    try daemon.sync()
    try awaitBits(4, daemon)
    #expect(try found(question, daemon).first?.path == "\(daemon.share)/keeper.txt")
    #expect(daemon.stop() == 0)

    try daemon.edit { $0.replacing("bits = 4\nrescore = false", with: "bits = 2\nrescore_memory_mb = 1") }
    try daemon.start()
    try awaitBits(2, daemon)
    let fromMemory = try found(question, daemon)
    #expect(fromMemory.first?.path == "\(daemon.share)/keeper.txt")
    #expect(fromMemory.count == 20)
    #expect(daemon.stop() == 0)

    try daemon.edit { $0.replacing("rescore_memory_mb = 1", with: "rescore_memory_mb = 0") }
    try daemon.start()
    try daemon.sync()
    #expect(try found(question, daemon) == fromMemory)
    let list = try daemon.client().call(.projectorList, ProjectorListParameters()).projectors
    #expect(list.map(\.state) == [.active, .retired], "\(list)")
    try share.expectIsIndexed(by: daemon, "after its codes took another form")
    #expect(daemon.stop() == 0)
  }
}
