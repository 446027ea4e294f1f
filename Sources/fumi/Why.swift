import ArgumentParser
import FumikuraProtocol

struct Why: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say why a file is indexed or is not, and what was done with it.")

  @Argument(help: "The file.")
  var file: PathArgument

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let reply = try connection.call(.indexWhy, IndexWhyParameters(path: file.path))
    if !connection.json {
      let terminal = Terminal.standardOutput
      for line in lines(of: reply, terminal) { terminal.print(line) }
    }
    if reply.state == .unknown || reply.state == .outside { throw Outcome.nothing }
  }

  private func lines(of reply: IndexWhyReply, _ terminal: Terminal) -> [String] {
    var lines = ["\(terminal.safe(reply.path.description)): \(reply.state.rawValue)"]
    let facts: [(String, String?)] = [
      ("share", reply.share), ("reason", reply.reason), ("detail", reply.detail),
      ("passages", reply.passages.map(String.init)), ("attempts", reply.attempts.map(String.init)),
      ("indexed", reply.indexed?.description),
    ]
    lines += facts.compactMap { name, value in value.map { "  \(name): \(terminal.safe($0))" } }
    if !reply.history.isEmpty { lines.append("  history, latest first:") }
    lines += reply.history.map {
      "    \($0.time)  \(terminal.safe($0.action))" + ($0.detail.map { "  \(terminal.safe($0))" } ?? "")
    }
    return lines
  }
}
