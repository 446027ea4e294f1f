import ArgumentParser
import FumikuraProtocol

struct Projectors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "projector", abstract: "List the projectors and how each was judged.",
    discussion: """
      One line a projector: version, state, kind, dimensions × bits, score, baseline, reason, classes, between tabs.
      """,
    aliases: ["projectors"])

  @Argument(help: ArgumentHelp("`list`, which is also what nothing means.", visibility: .hidden))
  var action = "list"

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard action == "list" else { throw ValidationError("projector: got '\(action)', expected 'list'.") }
  }

  func run() throws {
    let reply = try connection.call(.projectorList, ProjectorListParameters())
    let terminal = Terminal.standardOutput
    if !connection.json {
      for projector in reply.projectors {
        let fields = [
          String(projector.version), projector.state.rawValue, projector.kind,
          "\(projector.dimensions)×\(projector.bits)", projector.score.map { HitPrinter.decimals($0, 4) } ?? "-",
          projector.baselineScore.map { HitPrinter.decimals($0, 4) } ?? "-", projector.reason ?? "-",
          projector.classes ?? "-",
        ]
        terminal.print(fields.map(terminal.safe).joined(separator: "\t"))
      }
    }
    if reply.projectors.isEmpty { throw Outcome.nothing }
  }
}
