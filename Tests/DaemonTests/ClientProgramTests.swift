import Foundation
import FumikuraProtocol
import Glibc
import Testing

@Suite("fumi, asking the real daemon", .serialized)
struct ClientProgramTests {
  private static func started() throws -> TestDaemon {
    let daemon = try TestDaemon()
    try daemon.write(
      "# Opening hours\n\nThe library is open on weekdays from nine to six. In August it is closed on Mondays.",
      to: "hours.md")
    try daemon.fill("harbour.txt", 0o644, about: "the harbour and its cranes")
    try daemon.fill("a\u{1B}[31mred\u{1B}[0m\n\u{7}bell\u{202E}.txt", 0o644, about: "the colour of the bell")
    try daemon.write("%PDF-1.4 broken", to: "broken.pdf")
    try daemon.write("\u{7F}ELF\0\0", to: "program.bin")
    try daemon.start()
    try daemon.sync()
    return daemon
  }

  private static func fumi(_ daemon: TestDaemon, _ arguments: [String]) throws -> Shell.Outcome {
    try Shell.run(
      try TestDaemon.program("fumi"), arguments, environment: ["FUMIKURA_SOCKET": daemon.socket], mayFail: true)
  }

  @Test("exit statuses are 0 with results, 1 without, 2 on an error")
  func statuses() throws {
    let daemon = try Self.started()
    let hours = "\(daemon.share)/hours.md"
    let expectations: [(status: Int32, arguments: [String])] = [
      (0, ["search", "when", "is", "the", "library", "open"]), (0, ["search", "--mode", "keyword", "cranes"]),
      (1, ["search", "--mode", "keyword", "zebra"]), (1, ["search", "--glob", "/nowhere/**", "library"]),
      (2, ["search"]), (2, ["search", "--limit", "1000", "library"]), (2, ["search", "--share", "nowhere", "library"]),
      (0, ["status"]), (0, ["files"]), (1, ["files", "--state", "quarantined"]), (2, ["files", "--state", "lost"]),
      (0, ["why", hours]), (0, ["why", "\(daemon.share)/program.bin"]), (1, ["why", "\(daemon.share)/nothing"]),
      (1, ["why", "/etc/passwd"]), (0, ["sync"]), (0, ["similar", hours]), (2, ["similar", "\(daemon.share)/nothing"]),
      (0, ["similar", "--text", "opening hours"]), (0, ["failures"]), (1, ["projector"]), (0, ["doctor"]),
      (0, ["call", "health"]), (2, ["call", "nothing"]), (2, ["call", "search", "{"]), (2, ["call", "search", "{}"]),
      (0, ["call", "config.reload"]), (2, ["nothing"]), (0, ["--help"]),
    ]
    for (status, arguments) in expectations {
      let outcome = try Self.fumi(daemon, arguments)
      #expect(outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)")
      #expect((status == 2) == !outcome.errors.isEmpty, "\(arguments): \(outcome.errors)")
      if status == 2 { #expect(outcome.output.isEmpty, "\(arguments): \(outcome.output)") }
    }
    let doctor = try Self.fumi(daemon, ["doctor"]).output
    #expect(doctor.contains("ok\tencoder\tall-MiniLM-L6-v2, "), "\(doctor)")
    #expect(daemon.stop() == 0)
    for arguments in [["search", "library"], ["status"], ["sync"], ["doctor"], ["call", "health"]] {
      let outcome = try Self.fumi(daemon, arguments)
      #expect(outcome.status == 2 && (outcome.errors + outcome.output).contains("no daemon"), "\(arguments)")
    }
  }

  @Test("--json prints one object on one line: the method's result")
  func json() throws {
    let daemon = try Self.started()
    for (arguments, members) in [
      (["search", "library"], ["hits", "took_ms", "epoch", "pending"]),
      (["status"], ["shares", "encoder", "memory_bytes"]),
      (["files"], ["files", "next_cursor"]), (["why", "\(daemon.share)/hours.md"], ["state", "passages"]),
      (["sync"], ["epoch", "took_ms"]), (["similar", "\(daemon.share)/hours.md"], ["hits"]),
      (["failures"], ["failures"]),
      (["projector"], ["projectors"]), (["doctor"], ["checks"]), (["call", "health"], ["status", "ready", "version"]),
    ] {
      let isCall = arguments[0] == "call"
      let outcome = try Self.fumi(daemon, arguments + (isCall ? [] : ["--json"]))
      let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count == 2 && lines[1].isEmpty, "\(arguments): \(outcome.output)")
      let object = try JSONReader.read(String(lines[0]))
      for member in members { #expect(object[member] != nil, "\(arguments) lacks \(member): \(lines[0])") }
    }
    #expect(daemon.stop() == 0)
  }

  @Test("piped output is plain, the same each time, and one line a thing, whatever the names are")
  func plain() throws {
    let daemon = try Self.started()
    for (arguments, lines) in [
      (["search", "the", "colour", "of", "the", "bell"], 3), (["files"], 5), (["status"], 1), (["failures"], 1),
      (["similar", "--text", "a red bell"], 3),
    ] {
      let first = try Self.fumi(daemon, arguments)
      #expect(first.output.split(separator: "\n").count == lines, "\(arguments): \(first.output)")
      #expect(first.output.contains("\t") && first.errors.isEmpty)
      #expect(try Self.fumi(daemon, arguments).output == first.output, "\(arguments)")
    }
    let best = try Self.fumi(daemon, ["search", "when is the library open"]).output.split(separator: "\n")[0]
    let fields = best.split(separator: "\t")
    #expect(
      fields.count == 4 && Double(fields[0]) != nil && fields[1] == "\(daemon.share)/hours.md" && fields[2] == "-")
    #expect(fields[3].contains("weekdays"))
    #expect(daemon.stop() == 0)
  }

  @Test("on a terminal words stand out, and names can do nothing to it")
  func terminal() throws {
    let daemon = try Self.started()
    let program = try TestDaemon.program("fumi")
    func shown(_ arguments: [String]) throws -> String {
      // script(1) gives the command a terminal, and its output to us.
      let command = ([program] + arguments).map { "'\($0)'" }.joined(separator: " ")
      return try Shell.run(
        "/usr/bin/script", ["--quiet", "--return", "--command", command, "/dev/null"],
        environment: ["FUMIKURA_SOCKET": daemon.socket, "TERM": "xterm", "NO_COLOR": ""]
      ).output
    }
    let found = try shown(["search", "when is the library open"])
    #expect(found.contains("\u{1B}[33mlibrary\u{1B}[0m") && found.contains("\u{1B}[33mopen\u{1B}[0m"), "\(found)")
    #expect(found.contains("Opening hours") && found.contains("hits in"))
    for arguments in [
      ["search", "the colour of the bell"], ["files"], ["why", "\(daemon.share)/hours.md"], ["status"],
    ] {
      let text = try shown(arguments)
      #expect(!text.contains("\u{1B}[31m") && !text.contains("\u{7}") && !text.contains("\u{202E}"), "\(arguments)")
      // The styles are fumi's own: nothing else begins an escape but what it draws with.
      let pieces = text.components(separatedBy: "\u{1B}[").dropFirst()
      for piece in pieces {
        let code = piece.prefix { $0.isNumber }
        #expect(["0", "1", "2", "31", "32", "33", "36", ""].contains(String(code)), "\(arguments): \(piece.prefix(8))")
      }
    }
    #expect(try shown(["files"]).contains("a?[31mred?[0m ?bell?.txt"))
    #expect(daemon.stop() == 0)
  }
}
