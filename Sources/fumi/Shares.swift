import ArgumentParser
import FumikuraProtocol

struct Shares: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "share", abstract: "List the shares.", aliases: ["shares"])

  @Argument(help: ArgumentHelp("`list`, which is also what nothing means.", visibility: .hidden))
  var action = "list"

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard action == "list" else { throw ValidationError("share: got '\(action)', expected 'list'.") }
  }

  func run() throws {
    let reply = try connection.call(.shareList, ShareListParameters())
    let terminal = Terminal.standardOutput
    if !connection.json {
      for share in reply.shares {
        let fields = [share.name, share.state.rawValue, share.path.description]
        terminal.print(fields.map(terminal.safe).joined(separator: "\t"))
      }
    }
    if reply.shares.isEmpty { throw Outcome.nothing }
  }
}
