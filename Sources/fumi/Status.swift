import ArgumentParser
import FumikuraClient
import FumikuraProtocol
import Glibc

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how far the index is.",
    discussion: """
      One line a share: name, state, indexed, waiting, failed, skipped, quarantined, passages, path, between tabs.

      Examples:
        fumi status --watch
        fumi status --until-ready && fumi search lunch
      """)

  @Option(name: [.customLong("share"), .customShort("s")], help: "Only this share; may be given again.")
  var shares: [String] = []

  @Flag(help: "Go on showing it until interrupted.")
  var watch = false

  @Flag(name: .customLong("until-ready"), help: "Go on showing it until nothing waits to be indexed.")
  var untilReady = false

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let client = try connection.connect()
    let terminal = Terminal.standardOutput
    let page = StatusPage(terminal)
    var drawn = 0
    var printed: [String]?
    while true {
      let result = try client.call("index.status", parameters.json)
      let reply: IndexStatusReply = try Client.decode(result)
      let isLast = untilReady ? StatusPage.isReady(reply) : !watch
      let lines = page.lines(of: reply)
      if connection.json {
        terminal.print(json: result)
      } else if terminal.isInteractive && (watch || untilReady) {
        // One write a frame, so that nothing flickers: up to the first line, each line cleared, the rest cleared.
        let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        Terminal.write("\(up)\r" + lines.map { "\($0)\u{1B}[K\n" }.joined() + "\u{1B}[J", to: STDOUT_FILENO)
        drawn = lines.count
      } else if lines != printed {
        for line in lines { terminal.print(line) }
        printed = lines
      }
      if isLast {
        if reply.shares.isEmpty { throw Outcome.nothing }
        return
      }
      usleep(500_000)
    }
  }

  private var parameters: IndexStatusParameters { IndexStatusParameters(shares: shares.isEmpty ? nil : shares) }
}
