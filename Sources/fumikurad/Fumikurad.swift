import ArgumentParser
import Configuration
import Foundation
import FumikuraDaemon
import Glibc
import Logging
import SemanticIndex
import SystemPackage

/// The daemon: watches the shares, indexes them, answers on its socket.
@main
struct Fumikurad: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fumikurad",
    abstract: "Watches shared folders and makes them searchable by meaning.",
    discussion: """
      Runs in the foreground, logs to stderr and prints nothing to stdout. SIGTERM stops it, SIGHUP reads the \
      configuration again. Under systemd it tells when it is ready and takes over an activated socket.

      Ask it with: fumi search "what you look for"
      """,
    version: FumikuraVersion.current)

  @Option(help: "The configuration file; config/fumikura.toml explains every key.")
  var config = "/etc/fumikura/fumikura.toml"

  @Flag(help: "Read the configuration, say what is wrong with it, and exit.")
  var check = false

  func run() throws {
    let file = FilePath(config)
    do {
      let settings = try DaemonConfiguration(contentsOf: file)
      try settings.validatePlaces(file: file)
      if check { return }
      let level = Logger.Level(rawValue: settings.daemon.logLevel.rawValue) ?? .info
      LoggingSystem.bootstrap { label in
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return handler
      }
      try Daemon(
        configurationFile: file, configuration: settings, programs: try Self.programs(),
        logger: Logger(label: "fumikurad")
      ).run()
    } catch {
      FileHandle.standardError.write(Data("fumikurad: \(error)\n".utf8))
      // EX_CONFIG: systemd does not try such a start again (RestartPreventExitStatus).
      throw error is ConfigurationError ? ExitCode(78) : ExitCode.failure
    }
  }

  /// The programs beside this one.
  private static func programs() throws -> SemanticIndex.Programs {
    var buffer = [CChar](repeating: 0, count: 4097)
    let count = readlink("/proc/self/exe", &buffer, 4096)
    guard count > 0 else {
      throw ValidationError("/proc/self/exe cannot be read: the programs beside it are not found")
    }
    let folder = FilePath(platformString: buffer).removingLastComponent()
    return SemanticIndex.Programs(
      watch: folder.appending("fumikura-watch"), extract: folder.appending("fumikura-extract"))
  }
}
