import Foundation
import FumikuraProtocol
import ServerFixtures
import Testing

@Suite("fumi")
struct CommandTests {
  private static func fumi(_ server: RunningServer, _ arguments: String...) throws -> Programs.Outcome {
    try Programs.run(Programs.fumi, arguments, environment: ["FUMIKURA_SOCKET": server.socket])
  }

  @Test("search prints a line a hit to a pipe, and the result to --json")
  func search() throws {
    let server = try RunningServer()
    let outcome = try Self.fumi(server, "search", "温泉", "の", "予約", "--limit", "3")
    #expect(outcome.status == 0)
    #expect(outcome.output == "0.7500\t/srv/documents/echo.txt\t2\t温泉 の 予約\n")
    let json = try JSONReader.read(try Self.fumi(server, "search", "--json", "lunch").output)
    #expect(json["hits"]?.array?.first?["snippet"] == ["text": "lunch", "highlights": [[0, 1]]])
    #expect(json["took_ms"]?["total"] == 1.5)
  }

  @Test("the exit status is 0 with results, 1 without any, 2 on an error")
  func status() throws {
    let server = try RunningServer()
    #expect(try Self.fumi(server, "similar", "--text", "something").status == 0)
    #expect(try Self.fumi(server, "similar", "--text", "nothing").status == 1)
    #expect(try Self.fumi(server, "similar", "--text", "nothing", "--json").status == 1)
    #expect(try Self.fumi(server, "why", "/srv/none").status == 1)
    let error = try Self.fumi(server, "search", "fail")
    #expect(error.status == 2 && error.output.isEmpty)
    #expect(error.errors.contains("the model is still loading") && error.errors.contains("try again in 0.25 seconds"))
    #expect(
      try Self.fumi(server, "search", "--limit", "1000", "a").errors.contains("expected an integer from 1 to 100"))
    for wrong in [["search"], ["nonsense"], ["search", "a", "--nonsense"], ["similar"], ["call", "health", "{"]] {
      let outcome = try Programs.run(Programs.fumi, wrong, environment: ["FUMIKURA_SOCKET": server.socket])
      #expect(outcome.status == 2 && !outcome.errors.isEmpty, "\(wrong)")
    }
  }

  @Test("without a daemon it says what to do")
  func noDaemon() throws {
    let outcome = try Programs.run(Programs.fumi, ["search", "a", "--socket", "/nonexistent/s"])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.contains("there is no socket at /nonexistent/s") && outcome.errors.contains("systemctl start"))
    let doctor = try Programs.run(Programs.fumi, ["doctor", "--socket", "/nonexistent/s"])
    #expect(doctor.status == 2 && doctor.output.hasPrefix("failure\tsocket"))
  }

  @Test("files fetches all pages, as lines and as one result, and keeps names that are not UTF-8")
  func files() throws {
    let server = try RunningServer()
    let lines = try Self.fumi(server, "files").output.split(separator: "\n")
    #expect(lines.count == 5 && lines[0] == "indexed\t-\t1\t/srv/documents/a.txt")
    let json = try JSONReader.read(try Self.fumi(server, "files", "--json").output)
    #expect(json["files"]?.array?.count == 5 && json["next_cursor"] == .null)
    // "/srv/documents/" and the byte E9.
    #expect(json["files"]?.array?.last?["path_b64"] == "L3Nydi9kb2N1bWVudHMv6Q==")
    let page = try JSONReader.read(try Self.fumi(server, "files", "--json", "--limit", "1").output)
    #expect(page["files"]?.array?.count == 1 && page["next_cursor"] == "1")
  }

  @Test("a path argument reaches the daemon byte for byte and absolute")
  func rawPath() throws {
    let server = try RunningServer()
    let script = #"exec "$0" why "$(printf 'a\351b')" --json --socket "$1""#
    let outcome = try Programs.run("/bin/sh", ["-c", script, Programs.fumi, server.socket])
    let json = try JSONReader.read(outcome.output)
    let bytes = json["path_b64"]?.string.flatMap { Data(base64Encoded: $0) }
    #expect(bytes?.suffix(4) == Data([0x2F, 0x61, 0xE9, 0x62]), "\(outcome)")
    #expect(bytes?.first == 0x2F)
  }

  @Test("status, sync, failures, share, projector, call and doctor each print what they were told")
  func others() throws {
    let server = try RunningServer()
    #expect(try Self.fumi(server, "status").output == "documents\tindexing\t3\t1\t1\t2\t0\t40\t/srv/documents\n")
    #expect(try JSONReader.read(try Self.fumi(server, "status", "--json").output)["encoder"]?["passages_reused"] == 2)
    #expect(try Self.fumi(server, "sync").output == "searchable after 13 ms\n")
    #expect(try Self.fumi(server, "failures").output == "failed\tmalformed\t2\t/srv/documents/x.pdf\n")
    #expect(try Self.fumi(server, "share").output == "documents\tready\t/srv/documents\n")
    #expect(try Self.fumi(server, "projector").output == "1\tactive\tpca-whitened\t128×4\t0.9800\t-\t-\t-\n")
    #expect(try Self.fumi(server, "projector", "list", "--json").output.hasPrefix(#"{"projectors":["#))
    let health = try Programs.run(
      Programs.fumi, ["call", "search", "-"], environment: ["FUMIKURA_SOCKET": server.socket], input: #"{"query": "q"}"#
    )
    #expect(health.output.hasPrefix(#"{"hits":["#))
    let doctor = try Self.fumi(server, "doctor")
    #expect(doctor.status == 0, "\(doctor)")
    #expect(doctor.output.contains("ok\tmodel\techo") && doctor.output.contains("warning\twatch_limit"))
    #expect(doctor.output.contains("→ raise the limit"))
    #expect(doctor.output.contains("ok\tencoder\techo, fast path: eight bits by AVX2"))
    #expect(try JSONReader.read(try Self.fumi(server, "doctor", "--json").output)["checks"]?.array?.isEmpty == false)
  }

  @Test("on a terminal hits are coloured, and no control character of theirs comes through")
  func terminal() throws {
    let server = try RunningServer()
    let (status, output) = try PseudoTerminal.run(
      Programs.fumi, ["search", "x\u{1B}]0;owned\u{7}y\u{9B}2J", "--socket", server.socket])
    #expect(status == 0)
    #expect(output.contains("\u{1B}[1m/srv/documents/echo.txt\u{1B}[0m"))
    #expect(output.contains("\u{1B}[33mx\u{1B}[0m?]0;owned?y?2J"))
    #expect(output.contains("1 hit in 1.5 ms"))
    let (_, json) = try PseudoTerminal.run(
      Programs.fumi, ["search", "x\u{9B}2J\u{202E}", "--json", "--socket", server.socket])
    #expect(json.contains(#"x\u009b2J\u202e"#))
    let (_, files) = try PseudoTerminal.run(Programs.fumi, ["files", "--socket", server.socket])
    #expect(files.contains("/srv/documents/c?[2J.txt"))
    let (_, page) = try PseudoTerminal.run(Programs.fumi, ["status", "--socket", server.socket])
    #expect(page.contains("█") && page.contains("indexing") && page.contains("training projector 2"))
  }

  @Test("the laboratory's commands become fumikura-lab beside the program, with every argument as it is")
  func laboratory() throws {
    let folder = try RunningServer.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: Programs.fumi, toPath: folder + "/fumi")
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "fumi")
    let script = "#!/bin/sh\nfor a; do printf '[%s]' \"$a\"; done\nexit 7\n"
    try Data(script.utf8).write(to: URL(fileURLWithPath: folder + "/fumikura-lab"))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/fumikura-lab")
    let outcome = try Programs.run(folder + "/link", ["bench", "encode", "--file", "a b", "", "--json", "--help"])
    #expect(outcome.output == "[bench][encode][--file][a b][][--json][--help]" && outcome.status == 7)
    #expect(try Programs.run(folder + "/fumi", ["help", "model"]).output == "[model][--help]")
    try FileManager.default.removeItem(atPath: folder + "/fumikura-lab")
    let missing = try Programs.run(folder + "/fumi", ["embed"], environment: ["PATH": "/nonexistent"])
    #expect(missing.status == 2 && missing.errors.contains("fumikura-lab cannot be run"))
  }

  @Test("help lists every command with a line of its own")
  func help() throws {
    let outcome = try Programs.run(Programs.fumi, ["--help"])
    #expect(outcome.status == 0)
    let commands = [
      "search", "similar", "status", "files", "sync", "why", "failures", "share", "projector", "call", "doctor",
      "extract", "embed", "evaluate", "profile", "bench", "model",
    ]
    for command in commands {
      #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix("  \(command)") }, "\(command)")
    }
  }
}
