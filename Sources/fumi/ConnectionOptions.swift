import ArgumentParser
import FumikuraClient
import FumikuraProtocol
import Glibc

/// What every command takes that asks the daemon.
struct ConnectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon's socket (FUMIKURA_SOCKET, else \(Client.defaultSocket)).", valueName: "path"))
  var socket: String?

  @Flag(help: "Print the result as one JSON object on one line.")
  var json = false

  /// Where the daemon is looked for.
  var path: String { socket ?? getenv("FUMIKURA_SOCKET").map { String(cString: $0) } ?? Client.defaultSocket }

  func connect(patience: Duration? = nil) throws -> Client { try Client(socket: path, patience: patience) }

  /// Calls a method; with `--json` its result is printed as it came.
  func call<Parameters: WireObject, Reply: WireObject>(
    _ procedure: Procedure<Parameters, Reply>, _ parameters: Parameters,
    progress: (ProgressParameters) -> Void = { _ in }
  ) throws -> Reply {
    let result = try connect().call(procedure.name, parameters.json, progress: progress)
    if json { Terminal.standardOutput.print(json: result) }
    return try Client.decode(result)
  }
}
