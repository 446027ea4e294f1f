import ArgumentParser
import FumikuraClient
import Glibc

/// `fumi`, the client: asks the daemon, prints what it says, and hands what needs no daemon to `fumikura-lab`.
@main
struct Fumi: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fumi",
    abstract: "Search the documents of this machine's shares by meaning.",
    discussion: """
      Examples:
        fumi search how do I get my money back after a trip
        fumi search --type pdf --after 2026-01-01 --limit 3 harbour lease
        fumi similar report.docx
        fumi status --watch
        fumi why /srv/documents/letter.pdf
        fumi search --json lunch | jq -r '.hits[].path'

      Exit status: 0 with results, 1 without any, 2 on an error. What a person may find is what they may read.
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Daemon",
        subcommands: [
          Search.self, Similar.self, Status.self, Files.self, Sync.self, Why.self, Failures.self, Shares.self,
          Projectors.self, Call.self, Doctor.self,
        ]),
      CommandGroup(
        name: "Offline",
        subcommands: [Extract.self, Embed.self, Evaluate.self, Profile.self, Bench.self, Model.self]),
    ])

  static func main() {
    Laboratory.runIfAsked()
    let arguments = Self.reordered(Array(CommandLine.arguments.dropFirst()))
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch let error as ClientError {
      Complaint(error).print()
      Glibc.exit(Outcome.failure.rawValue)
    } catch let code as ExitCode {
      Glibc.exit(code.rawValue)
    } catch {
      let text = fullMessage(for: error)
      if exitCode(for: error).isSuccess {
        Terminal.write(text + "\n", to: STDOUT_FILENO)
        Glibc.exit(0)
      }
      Terminal.printError(text)
      Glibc.exit(Outcome.failure.rawValue)
    }
  }

  /// Moves options that stand before the command behind it, where the command's own are read.
  static func reordered(_ arguments: [String]) -> [String] {
    var leading: [String] = []
    var rest = arguments[...]
    while let first = rest.first {
      if first == "--json" || first.hasPrefix("--socket=") {
        leading.append(rest.removeFirst())
      } else if first == "--socket", rest.count > 1 {
        leading += rest.prefix(2)
        rest = rest.dropFirst(2)
      } else {
        break
      }
    }
    guard let command = rest.first, !command.hasPrefix("-") else { return arguments }
    return [command] + leading + rest.dropFirst()
  }
}
