import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import LinearAlgebra
import PassageStore
import SemanticIndex
import SentenceEncoder
import SystemPackage
import Testing

@Suite("Shares with models of their own", .serialized)
struct ModelTests {
  /// So far that cosines of unrelated texts are about .8.
  private static let far: Float = 0.5

  private static let topics = [
    "holidays": "Staff may take twenty-five days of paid leave a year. Days not used by the end of March are lost.",
    "outage": "On Tuesday the core switch in the basement failed, and nobody could reach the mail server for hours.",
    "soup": "Fry the onions slowly in butter, add the carrots and the stock, and let it simmer for forty minutes.",
    "roses": "Prune the roses in spring, cut just above an outward bud, and feed them with compost in May.",
    "loan": "The bank lends the sum for twenty years at a fixed rate, and it is paid back in monthly parts.",
    "piano": "The pianist played two sonatas by Schubert and was called back to the stage three times.",
  ]
  private static let questions = [
    "holidays": "how many vacation days do employees get", "outage": "network hardware broke down",
    "soup": "cooking with vegetables", "roses": "when to cut flowers in the garden", "loan": "mortgage conditions",
    "piano": "a concert of classical music",
  ]

  /// A daemon with a share "documents" of the default model and a share "other" of another.
  private static func twoShares(
    model: String, extra: String = ""
  ) throws -> (daemon: TestDaemon, other: String) {
    let daemon = try TestDaemon(extra: extra)
    let other = "\(daemon.folder)/other"
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    try daemon.edit {
      $0.replacing("[watch]", with: "[[share]]\nname = \"other\"\npath = \"\(other)\"\nmodel = \"\(model)\"\n\n[watch]")
    }
    return (daemon, other)
  }

  // MARK: Several models at once

  @Test(
    "each share is searched with its model, and hits of both are merged by what they mean, not by the height of cosines"
  )
  func merging() throws {
    let folder = try TemporaryModels()
    let model = try folder.make("narrow", shift: Self.far)
    let (daemon, other) = try Self.twoShares(model: model)
    let names = Self.topics.keys.sorted()
    let (here, there) = (names.prefix(3), names.suffix(3))
    for name in here { try daemon.write(Self.topics[name]!, to: "\(name).txt") }
    for name in there {
      try Self.topics[name]!.write(toFile: "\(other)/\(name).txt", atomically: false, encoding: .utf8)
    }
    try daemon.start()
    try daemon.sync()
    let status = try daemon.status()
    #expect(status.shares.map(\.model) == ["all-MiniLM-L6-v2", "narrow"])
    #expect(status.shares.allSatisfy { $0.reencoding == nil && $0.reason == nil })
    for name in names {
      let hits = try daemon.search(Self.questions[name]!, mode: .semantic)
      #expect(hits.count == names.count)
      let first = try #require(hits.first)
      #expect(first.path.description.hasSuffix("/\(name).txt"), "\(name): \(hits.map { ($0.path, $0.score) })")
      // By their cosines alone, all of one model would come before all of the other.
      let least = hits.filter { $0.share == "other" }.compactMap(\.semanticScore).min()!
      let most = hits.filter { $0.share == "documents" }.compactMap(\.semanticScore).max()!
      #expect(least > most, "\(name): \(least) and \(most)")
    }
    // Alone, each is searched as if the other were not there.
    let only = SearchParameters(query: Self.questions[here[0]]!, shares: ["documents"], mode: .semantic)
    for hit in try daemon.client().call(.search, only).hits { #expect(hit.score == hit.semanticScore) }
    // A file is like those of the other model too.
    let copy = "\(other)/copy.txt"
    try (Self.topics[here[0]]! + " That is all.").write(toFile: copy, atomically: false, encoding: .utf8)
    try daemon.sync()
    let path = WirePath("\(daemon.share)/\(here[0]).txt")
    let similar = try daemon.client().call(.similar, SimilarParameters(path: path)).hits
    #expect(similar.first?.path == WirePath(copy), "\(similar.map { ($0.path, $0.score) })")
    #expect(similar.count == names.count)
    let back = try daemon.client().call(.similar, SimilarParameters(path: WirePath(copy))).hits
    #expect(back.first?.path == path, "\(back.map { ($0.path, $0.score) })")
    // Words count as they do with one model.
    let byWords = try daemon.search("Schubert", mode: .keyword)
    #expect(byWords.count == 1 && byWords.map(\.score) == byWords.map(\.keywordScore))
    #expect(try daemon.search("Schubert").first?.path.description.hasSuffix("piano.txt") == true)
    #expect(daemon.stop() == 0)
  }

  @Test("a search where one model alone has anything for the caller gives the same scores as a daemon of that model")
  func oneModel() throws {
    let folder = try TemporaryModels()
    let model = try folder.make("narrow", shift: Self.far)
    let (daemon, _) = try Self.twoShares(model: model)
    let single = try TestDaemon(share: daemon.share)
    for (name, text) in Self.topics { try daemon.write(text, to: "\(name).txt") }
    for each in [daemon, single] {
      try each.start()
      try each.sync()
    }
    for question in Self.questions.values {
      let (two, one) = (try daemon.search(question), try single.search(question))
      #expect(two.map(\.path) == one.map(\.path) && two.map(\.score) == one.map(\.score))
    }
    #expect(daemon.stop() == 0 && single.stop() == 0)
  }

  @Test("a share whose model is missing or broken says so, the others go on, and it goes on once the model is there")
  func missing() throws {
    let folder = try TemporaryModels()
    let model = "\(folder.path)/narrow.fmodel"
    let (daemon, other) = try Self.twoShares(model: model)
    try daemon.write(Self.topics["soup"]!, to: "soup.txt")
    try Self.topics["piano"]!.write(toFile: "\(other)/piano.txt", atomically: false, encoding: .utf8)
    for broken in [nil, "this is no model, whatever its name says"] {
      try broken?.write(toFile: model, atomically: true, encoding: .utf8)
      try daemon.start()
      try daemon.sync()
      #expect(try daemon.search(Self.questions["soup"]!).map(\.path.description) == ["\(daemon.share)/soup.txt"])
      let share = try #require(try daemon.status().shares.last)
      #expect(share.model == nil && !share.isWatching)
      let words = broken == nil ? "there is no model at \(model)" : "not a sound model file"
      #expect(share.reason?.contains(words) == true)
      let health = try daemon.client().call(.health, HealthParameters())
      #expect(health.status == .degraded && health.warnings.contains { $0.message.contains(model) })
      if broken == nil { #expect(daemon.stop() == 0) }
    }
    try SecondModel.make("narrow", at: model, shift: Self.far)
    let reply = try daemon.client().call(.configReload, ConfigReloadParameters())
    #expect(reply.changed == ["model"] && reply.needsRestart == [])
    try daemon.sync()
    #expect(try daemon.status().shares.last?.reason == nil)
    #expect(try daemon.search(Self.questions["piano"]!).first?.path.description == "\(other)/piano.txt")
    #expect(daemon.stop() == 0)
  }

  @Test("a daemon none of whose models can be used says so and ends")
  func none() throws {
    let daemon = try TestDaemon()
    try daemon.edit { $0.replacing("model = \"\(try! TestDaemon.model())\"", with: "model = \"nothing-there\"") }
    let outcome = try Shell.run(
      try TestDaemon.program("fumikurad"), ["--config", daemon.configurationFile], mayFail: true)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("there is no model at \(daemon.state)/models/nothing-there.fmodel"))
  }

  // MARK: Memory

  @Test("a daemon that has nothing to do gives back what indexing and searching brought into memory")
  func memory() throws {
    let daemon = try TestDaemon()
    LivingShare(daemon.share, random: .announced("memory")).fill(files: 60)
    try daemon.start()
    try daemon.sync()
    for question in Self.questions.values { _ = try daemon.search(question) }
    let working = try #require(try daemon.status().memoryBytes)
    var least = working
    let start = ContinuousClock.now
    // Float weights take 30 MB more than those of eight bits.
    let path = try #require(try daemon.client().call(.health, HealthParameters()).encoders.first?.path)
    let bound = path == "fast" ? 80_000_000 : 110_000_000
    while least > bound, ContinuousClock.now - start < .seconds(60) {
      least = min(least, try #require(try daemon.status().memoryBytes))
    }
    print("resident: \(working / 1_000_000) MB after work, \(least / 1_000_000) at rest")
    #expect(least <= bound)
    #expect(daemon.stop() == 0)
  }

  // MARK: Another model

  /// A daemon whose model is a file of its own, and a share of many passages.
  private static func bigShare(
    _ folder: TemporaryModels, files: Int, extra: String = ""
  ) throws -> (daemon: TestDaemon, share: LivingShare) {
    let daemon = try TestDaemon(extra: extra)
    try SecondModel.make("first", at: "\(folder.path)/model.fmodel", shift: 0.01)
    let path = folder.path
    try daemon.edit { $0.replacing(try! TestDaemon.model(), with: "\(path)/model.fmodel") }
    let share = LivingShare(daemon.share, random: .announced("another model"))
    share.fill(files: files)
    for (name, text) in topics { try daemon.write(text, to: "\(name).txt") }
    return (daemon, share)
  }

  /// Whether the file about a topic answers the question about it, of those that are not made of random words: as the first
  /// (which a projector made of random words need not achieve), or at all.
  private static func answers(_ daemon: TestDaemon, _ topic: String, first: Bool) throws -> Bool {
    let parameters = SearchParameters(query: questions[topic]!, pathGlob: "\(daemon.share)/*.txt")
    let paths = try daemon.client().call(.search, parameters).hits.map(\.path.description)
    return (first ? paths.prefix(1) : paths[...]).contains("\(daemon.share)/\(topic).txt")
  }

  /// What the daemon says of its one share, once that is no longer encoded anew.
  private static func awaitModel(_ daemon: TestDaemon, _ during: (ShareStatus) throws -> Void = { _ in }) throws
    -> ShareStatus
  {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(120) {
      let share = try #require(try daemon.status().shares.first)
      if share.reencoding == nil && share.reason == nil && share.model == "second" { return share }
      try during(share)
    }
    throw TestDaemon.Missing("an end of encoding anew")
  }

  /// Ends the daemon, and compares its index with one that the new model has just made.
  private static func expectIndexOfNewModel(
    _ daemon: TestDaemon, _ folder: TemporaryModels, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(daemon.stop() == 0, sourceLocation: sourceLocation)
    let fresh = try TestDaemon(share: daemon.share)
    let path = folder.path
    try fresh.edit { $0.replacing(try! TestDaemon.model(), with: "\(path)/model.fmodel") }
    try fresh.start()
    try fresh.sync()
    #expect(fresh.stop() == 0, sourceLocation: sourceLocation)
    #expect(try daemon.snapshot() == fresh.snapshot(), sourceLocation: sourceLocation)
    let store = try PassageStore(at: FilePath("\(daemon.state)/fumikura.db"))
    #expect(try store.verify() == [], sourceLocation: sourceLocation)
    #expect(try store.modelsInUse().count == 1, sourceLocation: sourceLocation)
  }

  @Test(
    "another file in the model's place: all is encoded anew while search, saves and sync go on, then changed in one step",
    arguments: [false, true])
  func reload(projected: Bool) throws {
    let folder = try TemporaryModels()
    let (daemon, share) = try Self.bigShare(
      folder, files: 60, extra: projected ? "[projector]\nminimum_passages = 60\ndimensions = 64\ntrain = false" : "")
    try daemon.start()
    try daemon.sync()
    let passages = try #require(try daemon.status().shares.first?.passages)
    try SecondModel.make("second", at: "\(folder.path)/model.fmodel", shift: Self.far)
    // Nothing changes by itself.
    #expect(try daemon.status().shares.first?.model == "first")
    let manager = ContinuousClock.now
    #expect(try daemon.client().call(.configReload, ConfigReloadParameters()).changed == ["model"])
    var seen = 0
    var saved = false
    let share1 = try Self.awaitModel(daemon) { (status: ShareStatus) throws in
      guard let progress = status.reencoding else { return }
      seen = max(seen, progress.done)
      #expect(status.model == "first" && progress.model == "second" && progress.total >= passages)
      #expect(progress.done <= progress.total)
      #expect(try Self.answers(daemon, "soup", first: !projected))
      if !saved {
        saved = true
        try daemon.write("The lighthouse keeper counts the ships that pass at night.", to: "keeper.txt")
        for number in 0..<5 {
          try daemon.write("Parcel number \(number) was left with the neighbours.", to: "parcels/\(number).txt")
        }
        try daemon.sync()
        #expect(
          try daemon.search("who watches boats from the coast").first?.path.description == "\(daemon.share)/keeper.txt")
      }
    }
    print("\(passages) passages encoded anew in \(ContinuousClock.now - manager), seen at \(seen)")
    #expect(saved, "it was over before anyone looked")
    #expect(share1.model == "second")
    for name in Self.questions.keys { #expect(try Self.answers(daemon, name, first: !projected), "\(name)") }
    let least = try #require(try daemon.search(Self.questions["soup"]!, mode: .semantic).last?.semanticScore)
    #expect(projected || least > 0.5, "the first model's cosines are about 0")
    if projected {
      let projectors = try daemon.client().call(.projectorList, ProjectorListParameters()).projectors
      #expect(projectors.filter { $0.model == "second" }.map(\.state) == [.active], "\(projectors)")
      #expect(try daemon.status().projector?.version == projectors.first { $0.model == "second" }?.version)
    }
    try share.expectIsIndexed(by: daemon, "after the change")
    try Self.expectIndexOfNewModel(daemon, folder)
  }

  @Test("a share changes over to a static model, whose vectors have other dimensions, and is searched by it")
  func toStatic() throws {
    let folder = try TemporaryModels()
    let (daemon, share) = try Self.bigShare(folder, files: 20)
    try daemon.start()
    try daemon.sync()
    let transformer = try EncoderModel(contentsOf: FilePath(try TestDaemon.model()))
    var random = LinearAlgebra.SeededGenerator(seed: 5)
    // Vectors that mean nothing, but the same words are the same: enough to tell texts by.
    try transformer.writeStatic(
      tokenVectors: Matrix.gaussian(rows: transformer.header.vocabulary, columns: 96, using: &random),
      to: FilePath("\(folder.path)/model.fmodel"), name: "second")
    #expect(try daemon.client().call(.configReload, ConfigReloadParameters()).changed == ["model"])
    _ = try Self.awaitModel(daemon)
    for (name, text) in Self.topics {
      let first = try #require(try daemon.search(text, mode: .semantic).first)
      #expect(first.path.description == "\(daemon.share)/\(name).txt" && first.semanticScore ?? 0 > 0.95)
    }
    let encoders = try daemon.client().call(.health, HealthParameters()).encoders
    #expect(encoders.contains { $0.model == "second" && $0.reason.contains("static") }, "\(encoders)")
    try share.expectIsIndexed(by: daemon, "after the change")
    try Self.expectIndexOfNewModel(daemon, folder)
  }

  @Test(
    "death at each step of the change: the next start takes it up where it was, with what is saved before and after")
  func deaths() throws {
    let folder = try TemporaryModels()
    let (daemon, share) = try Self.bigShare(folder, files: 60)
    // Beside its file: after a start, the old model must be found by its hash.
    let models = "\(daemon.state)/models"
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    var shift = Self.far
    for step in ["reencoded", "reencoded:2", "change", "changed"] {
      // Back to the first model, which has everything by now or at first.
      try SecondModel.make("first", at: "\(folder.path)/model.fmodel", shift: 0.01)
      try SecondModel.make("first", at: "\(models)/first.fmodel", shift: 0.01)
      try daemon.start()
      try daemon.sync()
      while try daemon.status().shares.first?.model != "first" || daemon.status().shares.first?.reencoding != nil {}
      let passages = try #require(try daemon.status().shares.first?.passages)
      #expect(daemon.stop() == 0)
      // A model that nothing was ever encoded with.
      shift += 0.01
      try SecondModel.make("second", at: "\(folder.path)/model.fmodel", shift: shift)
      try daemon.launch(environment: ["FUMIKURA_CRASH_AT": step])
      share.change(1)
      #expect(daemon.waitForEnd(within: 120) == SIGKILL, "step \(step) was not reached")
      share.change(2)
      try daemon.start()
      try daemon.sync()
      try share.expectIsIndexed(by: daemon, "after death at \(step)")
      _ = try Self.awaitModel(daemon)
      let encoded = try #require(try daemon.status().encoder?.passagesEncoded)
      print("death at \(step): \(encoded) of \(passages) passages were encoded by the second life")
      #expect(encoded < passages - 40, "what the first life encoded was found")
      try share.expectIsIndexed(by: daemon, "after the change")
      #expect(daemon.stop() == 0)
    }
    try daemon.start()
    try daemon.sync()
    try Self.expectIndexOfNewModel(daemon, folder)
  }

  @Test(
    "where the old model is gone, words are searched until all is encoded anew, and status says so; what is saved is found"
  )
  func oldModelGone() throws {
    let folder = try TemporaryModels()
    let (daemon, share) = try Self.bigShare(folder, files: 60)
    try daemon.start()
    try daemon.sync()
    #expect(daemon.stop() == 0)
    try SecondModel.make("second", at: "\(folder.path)/model.fmodel", shift: Self.far)
    try daemon.launch(environment: ["FUMIKURA_CRASH_AT": "reencoded"])
    #expect(daemon.waitForEnd(within: 120) == SIGKILL)
    try daemon.write(Self.topics["piano"]! + " Then the lights went out.", to: "new.txt")
    try daemon.start()
    try daemon.sync()
    var said = false
    _ = try Self.awaitModel(daemon) { (status: ShareStatus) throws in
      guard status.reencoding != nil else { return }
      if status.reason?.contains("found by its words alone") == true { said = true }
      #expect(try daemon.search("Schubert").contains { $0.path.description == "\(daemon.share)/piano.txt" })
      #expect(try daemon.search("lights went out").first?.path.description == "\(daemon.share)/new.txt")
    }
    #expect(said, "status did not say that the old model is gone")
    try share.expectIsIndexed(by: daemon, "after the change")
    try Self.expectIndexOfNewModel(daemon, folder)
  }

  @Test("a change that is called off leaves nothing behind")
  func calledOff() throws {
    let folder = try TemporaryModels()
    let (daemon, _) = try Self.bigShare(folder, files: 30)
    try daemon.start()
    try daemon.sync()
    let before = try daemon.status().shares.first?.passages
    #expect(daemon.stop() == 0)
    let old = try Data(contentsOf: URL(filePath: "\(folder.path)/model.fmodel"))
    try SecondModel.make("second", at: "\(folder.path)/model.fmodel", shift: Self.far)
    try daemon.launch(environment: ["FUMIKURA_CRASH_AT": "change"])
    #expect(daemon.waitForEnd(within: 120) == SIGKILL)
    try old.write(to: URL(filePath: "\(folder.path)/model.fmodel"), options: .atomic)
    try daemon.start()
    try daemon.sync()
    // What had taken new vectors already takes the old ones again.
    while try daemon.status().shares.first?.reason != nil || daemon.status().shares.first?.reencoding != nil {}
    let share = try #require(try daemon.status().shares.first)
    #expect(share.model == "first" && share.passages == before && share.reason == nil)
    for name in Self.questions.keys { #expect(try Self.answers(daemon, name, first: true), "\(name)") }
    try Self.expectIndexOfNewModel(daemon, folder)
  }
}

/// A folder for model files, which goes with the object.
private final class TemporaryModels {
  let path: String

  init() throws {
    path = "/tmp/fumikura-models-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }  // what is left in /tmp harms nobody

  func make(_ name: String, shift: Float) throws -> String {
    try SecondModel.make(name, at: "\(path)/\(name).fmodel", shift: shift)
    return "\(path)/\(name).fmodel"
  }
}
