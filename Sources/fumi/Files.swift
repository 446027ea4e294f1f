import ArgumentParser
import FumikuraClient
import FumikuraProtocol

extension FileState: ExpressibleByArgument {}

struct Files: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List every file with its state.",
    discussion: """
      One line a file: state, reason, passages, path, between tabs. Without --limit, all pages are fetched.

      Examples:
        fumi files --state failed --state quarantined
        fumi files --json --limit 100
      """)

  @Option(name: [.customLong("share"), .customShort("s")], help: "Only this share; may be given again.")
  var shares: [String] = []

  @Option(name: .customLong("state"), help: "Only files in this state; may be given again.")
  var states: [FileState] = []

  @Option(name: .customLong("glob"), help: "Only paths that match, such as '/srv/**/*.pdf'.")
  var glob: String?

  @Option(name: [.long, .customShort("n")], help: "One page of at most so many files (1 to 1000).")
  var limit: Int?

  @Option(help: "Go on where a page ended: its next_cursor.")
  var cursor: String?

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let parameters = IndexFilesParameters(
      shares: shares.isEmpty ? nil : shares, states: states.isEmpty ? nil : states, pathGlob: glob, cursor: cursor,
      limit: limit ?? 1000)
    let pages = Pages(member: "files", isWhole: limit == nil, connection: connection)
    let result = try pages.fetch(.indexFiles, parameters) { $0.cursor = $1 }
    let reply: IndexFilesReply = try Client.decode(result)
    let terminal = Terminal.standardOutput
    if connection.json {
      terminal.print(json: result)
    } else {
      for file in reply.files {
        let fields = [file.state.rawValue, file.reason ?? "-", String(file.passages), file.path.description]
        terminal.print(fields.map(terminal.safe).joined(separator: "\t"))
      }
    }
    if reply.files.isEmpty { throw Outcome.nothing }
  }
}
