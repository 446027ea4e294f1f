import ArgumentParser
import Foundation

/// What Fumikura can do without a daemon: measure, encode, extract, import models.
///
/// `fumi WORD` executes this program for the words below, so both spellings work.
@main
struct Lab: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: (CommandLine.arguments.first?.split(separator: "/").last).map(String.init) ?? "fumikura-lab",
    abstract: "Measure, encode, extract and import: what needs no running daemon.",
    discussion: """
      Every command that prints data takes --json. Exit: 0 with results, 1 without, 2 on error.

      How small may the vectors of these documents be made?
        fumi profile /srv/documents
        fumi evaluate retrieval FOLDER --method full,pca,mcr2 --dimensions 64,128 --bits 4,8
      What does the daemon see of this file?
        fumi extract report.pdf
      How fast is this machine?
        fumi bench encode --file texts.txt
        fumi bench scan --rows 1000000 --dimensions 128 --bits 4
      """,
    subcommands: [Profile.self, Evaluate.self, Embed.self, Extract.self, Bench.self, Model.self])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let status as ExitCode {
      Foundation.exit(status.rawValue)
    } catch {
      let isHelp = exitCode(for: error).isSuccess
      let message = fullMessage(for: error)
      if !message.isEmpty { FileHandle(isHelp ? .standardOutput : .standardError).write(Data("\(message)\n".utf8)) }
      Foundation.exit(isHelp ? 0 : 2)
    }
  }
}

extension FileHandle {
  fileprivate convenience init(_ stream: StandardStream) { self.init(fileDescriptor: stream.rawValue) }
  fileprivate enum StandardStream: CInt { case standardOutput = 1, standardError = 2 }
}

extension ExitCode {
  /// Nothing was found, and nothing went wrong.
  static let withoutResults = ExitCode(1)
  /// Something went wrong, and has been told.
  static let error = ExitCode(2)
}
