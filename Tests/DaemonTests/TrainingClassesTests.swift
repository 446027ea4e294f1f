import Foundation
import FumikuraClient
import FumikuraProtocol
import Testing

/// What a daemon takes for classes when it trains on the folders and labels of a real share.
@Suite(.serialized) struct TrainingClassesTests {
  private static let form =
    "[projector]\nminimum_passages = 60\ndimensions = 32\nbits = 4\nrescore = false\nprofile_bytes = 100\n"

  /// Words by which texts are about one subject.
  private static let subjects = [
    "garden": "roses compost spade seedlings hedge pruning greenhouse watering soil tulips lawn rake"
      .split(separator: " "),
    "network": "router switch cable firewall server packets outage modem bandwidth protocol port latency"
      .split(separator: " "),
    "kitchen": "onions butter soup oven carrots stock simmer recipe flour pastry garlic spoon".split(separator: " "),
    "orchestra": "violin sonata conductor rehearsal cello symphony concert oboe score tempo audience brass"
      .split(separator: " "),
  ]

  /// Eighty texts, each with its subject.
  private func texts(_ random: inout SeededRandom) -> [(subject: String, text: String)] {
    let names = Self.subjects.keys.sorted()
    return (0..<80).map { number in
      let words = Self.subjects[names[number % 4]]!
      let drawn = (0..<8).map { _ in words[random.below(words.count)] }
      return (
        names[number % 4],
        "Note \(number) tells of \(drawn[0]), \(drawn[1]) and \(drawn[2]). "
          + "After the \(drawn[3]) we looked at the \(drawn[4]). Somebody asked for \(drawn[5]), \(drawn[6]) and \(drawn[7])."
      )
    }
  }

  /// The first trained projector, once it is judged.
  private func trained(_ daemon: TestDaemon) throws -> ProjectorEntry {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(120) {
      let list = try daemon.client().call(.projectorList, ProjectorListParameters()).projectors
      if let found = list.first(where: { $0.kind == "mcr2" && $0.state != .candidate }) { return found }
    }
    throw TestDaemon.Missing("a trained projector")
  }

  @Test("folders that tell what is alike are tried as classes, and the list says what they are worth")
  func folders() throws {
    let daemon = try TestDaemon(extra: Self.form)
    var random = SeededRandom.announced("folders of subjects")
    for (number, text) in texts(&random).enumerated() {
      try daemon.write(text.text, to: "\(text.subject)/\(number).txt")
    }
    try daemon.start()
    try daemon.sync()
    let entry = try trained(daemon)
    let reason = try #require(entry.classesReason)
    #expect(["folders", "pseudo", "none"].contains(entry.classes))
    // Whichever is kept, folders were trained with first.
    #expect(entry.classes == "folders" || reason.contains("folders lose beyond noise"), "\(reason)")
    #expect(reason.contains("folders: 4 folders at level 2: "), "\(reason)")
    #expect(reason.contains("of the nearest in other files are of a passage's class, by chance "), "\(reason)")
    #expect(daemon.stop() == 0)
  }

  @Test("folders that tell nothing are refused with the reason; labels are tried instead, and bad lines are left out")
  func labels() throws {
    let daemon = try TestDaemon(extra: Self.form)
    var random = SeededRandom.announced("random folders")
    var labels = "# what each is about\nno tab\n"
    for (number, text) in texts(&random).enumerated() {
      let name = "folder \(random.below(4))/\(number).txt"
      try daemon.write(text.text, to: name)
      labels += "\(text.subject)\t\(daemon.share)/\(name)\n"
    }
    let file = "\(daemon.folder)/labels.tsv"
    try labels.write(toFile: file, atomically: true, encoding: .utf8)
    try daemon.edit { $0.replacing("profile_bytes = 100", with: "labels = \"\(file)\"") }
    try daemon.start()
    try daemon.sync()
    let entry = try trained(daemon)
    let reason = try #require(entry.classesReason)
    #expect(entry.classes == "labels" || reason.contains("labels lose beyond noise"), "\(reason)")
    #expect(entry.classes != "folders")
    #expect(reason.contains("labels: 4 for 80 of 80 passages"), "\(reason)")
    #expect(reason.contains("folders: not above chance by a clear margin: 4 folders at level 2: "), "\(reason)")
    #expect(daemon.stop() == 0)
  }
}
