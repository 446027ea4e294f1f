import ArgumentParser
import FumikuraClient
import FumikuraProtocol

struct Failures: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the files that could not be indexed.",
    discussion: "One line a file: state, reason, attempts, path, between tabs; the detail below it on a terminal.")

  @Option(name: [.customLong("share"), .customShort("s")], help: "Only this share; may be given again.")
  var shares: [String] = []

  @Option(name: [.long, .customShort("n")], help: "One page of at most so many files (1 to 1000).")
  var limit: Int?

  @Option(help: "Go on where a page ended: its next_cursor.")
  var cursor: String?

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let parameters = IndexFailuresParameters(
      shares: shares.isEmpty ? nil : shares, cursor: cursor, limit: limit ?? 1000)
    let pages = Pages(member: "failures", isWhole: limit == nil, connection: connection)
    let result = try pages.fetch(.indexFailures, parameters) { $0.cursor = $1 }
    let reply: IndexFailuresReply = try Client.decode(result)
    let terminal = Terminal.standardOutput
    if connection.json {
      terminal.print(json: result)
    } else {
      for file in reply.failures {
        let fields = [file.state.rawValue, file.reason, String(file.attempts), file.path.description]
        terminal.print(fields.map(terminal.safe).joined(separator: "\t"))
        if terminal.isInteractive, let detail = file.detail {
          terminal.print("  " + terminal.styled(terminal.safe(detail), .dim))
        }
      }
    }
    if reply.failures.isEmpty { throw Outcome.nothing }
  }
}
