import ArgumentParser
import FumikuraProtocol

struct Sync: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Wait until everything that was saved before is searchable.")

  @Option(name: [.customLong("share"), .customShort("s")], help: "Only this share; may be given again.")
  var shares: [String] = []

  @Option(help: ArgumentHelp("At most so long (0 to 600000).", valueName: "milliseconds"))
  var timeout = 600_000

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let terminal = Terminal.standardOutput
    let bar = ProgressBar(terminal)
    let wantsProgress = terminal.isInteractive && !connection.json
    let parameters = SyncParameters(
      shares: shares.isEmpty ? nil : shares, timeoutMilliseconds: timeout, wantsProgress: wantsProgress)
    let reply = try connection.call(.sync, parameters) { progress in
      let line = bar.line(progress.progress, label: progress.message ?? "waiting")
      Terminal.write("\r\u{1B}[K\(line)", to: 1)
    }
    guard !connection.json else { return }
    if wantsProgress { Terminal.write("\r\u{1B}[K", to: 1) }
    terminal.print("searchable after \(HitPrinter.decimals(reply.tookMilliseconds, 0)) ms")
  }
}
