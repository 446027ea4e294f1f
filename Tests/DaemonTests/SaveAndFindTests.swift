import Foundation
import FumikuraProtocol
import Glibc
import Testing

@Suite("A saved file is found by meaning")
struct SaveAndFindTests {
  private static let texts = [
    "holidays.md": """
    # Holiday allowance

    Staff may take twenty-five days of paid leave a year. Days that are not used by the end of March are lost.
    """,
    "outage.txt": """
    On Tuesday the core switch in the basement failed, and nobody could reach the mail server for three hours. \
    The spare power supply had never been installed.
    """,
    "soup.txt": "Fry the onions slowly in butter, add the carrots and the stock, and let it simmer for forty minutes.",
  ]

  @Test("what is there at the start, what is saved later, what is changed, moved and deleted")
  func lifeOfFiles() throws {
    let daemon = try TestDaemon()
    for (name, text) in Self.texts { try daemon.write(text, to: name) }
    try daemon.start()
    try daemon.sync()
    let first = try daemon.search("how many vacation days do employees get")
    #expect(first.first?.path.description == "\(daemon.share)/holidays.md")
    #expect(first.first?.heading == "Holiday allowance")
    #expect(first.first?.snippet.text.contains("paid leave") == true)

    try daemon.write(
      "The fire drill takes place each October; everyone gathers at the car park.", to: "a/b/c/drill.txt")
    try daemon.sync()
    #expect(
      try daemon.search("emergency evacuation exercise").first?.path.description == "\(daemon.share)/a/b/c/drill.txt")

    try daemon.write(
      "The fire drill was cancelled. Instead there is a lecture on gardening and roses.", to: "a/b/c/drill.txt")
    try daemon.sync()
    #expect(try daemon.search("growing flowers").first?.snippet.text.contains("roses") == true)

    #expect(rename("\(daemon.share)/a", "\(daemon.share)/z") == 0)
    try daemon.sync()
    #expect(try daemon.search("growing flowers").first?.path.description == "\(daemon.share)/z/b/c/drill.txt")

    #expect(unlink("\(daemon.share)/z/b/c/drill.txt") == 0)
    try daemon.sync()
    let paths = try daemon.files().map(\.path.description)
    #expect(Set(paths) == Set(Self.texts.keys.map { "\(daemon.share)/\($0)" }))
    #expect(daemon.stop() == 0)
  }

  @Test("an edit of one paragraph encodes only what changed, and a copy encodes nothing")
  func reuse() throws {
    let daemon = try TestDaemon()
    let paragraphs = (0..<60).map { number in
      "Section \(number) tells how team \(number) keeps its records. "
        + String(repeating: "It names the shelf, the colour of the folder and the person who signs for it. ", count: 3)
    }
    try daemon.write(paragraphs.joined(separator: "\n\n"), to: "records.txt")
    try daemon.start()
    try daemon.sync()
    let all = try #require(try daemon.status().encoder).passagesEncoded
    #expect(all >= 15)
    var edited = paragraphs
    edited[30] = "Section 30 was rewritten by the auditors last week, and nobody has read it since then."
    try daemon.write(edited.joined(separator: "\n\n"), to: "records.txt")
    try daemon.sync()
    let afterEdit = try #require(try daemon.status().encoder).passagesEncoded
    #expect((1...3).contains(afterEdit - all), "\(afterEdit - all) of \(all) passages were encoded again")
    try FileManager.default.copyItem(atPath: "\(daemon.share)/records.txt", toPath: "\(daemon.share)/copy.txt")
    try daemon.sync()
    #expect(try daemon.status().encoder?.passagesEncoded == afterEdit)
    #expect(daemon.stop() == 0)
  }

  @Test("a second start with nothing changed encodes nothing; what changed while it was down is found")
  func restart() throws {
    let daemon = try TestDaemon()
    for (name, text) in Self.texts { try daemon.write(text, to: name) }
    try daemon.start()
    try daemon.sync()
    #expect(daemon.stop() == 0)
    try daemon.start()
    try daemon.sync()
    #expect(try daemon.status().encoder?.passagesEncoded == 0)
    #expect(daemon.stop() == 0)
    try daemon.write("The new espresso machine on the second floor takes beans and no capsules.", to: "coffee.txt")
    #expect(unlink("\(daemon.share)/soup.txt") == 0)
    try daemon.start()
    try daemon.sync()
    #expect(try daemon.search("hot drinks").first?.path.description == "\(daemon.share)/coffee.txt")
    #expect(try !daemon.files().contains { $0.path.description.hasSuffix("soup.txt") })
    #expect(daemon.stop() == 0)
  }
}
