import Foundation
import FumikuraClient
import Glibc
import SystemPackage

/// A daemon of our own with a share of its own, in a temporary folder that goes with it.
final class PrivateDaemon {
  /// The folder that it indexes, empty at first.
  let share: FilePath
  private let folder: FilePath
  private let socket: FilePath
  private let log: FilePath
  private let process = Process()

  /// Starts the `fumikurad` beside this program.
  init(model: FilePath, settle: Int) throws {
    // A socket's path has at most 107 bytes: no long temporary folder will do.
    var name = Array("/tmp/fumikura-bench-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else {
      throw LabError.unusable("no folder could be made in /tmp: \(Errno(rawValue: errno))")
    }
    folder = FilePath(platformString: name)
    share = folder.appending("share")
    socket = folder.appending("socket")
    log = folder.appending("log")
    let state = folder.appending("state")
    let files = FileManager.default
    try files.createDirectory(atPath: share.string, withIntermediateDirectories: true)
    try files.createDirectory(
      atPath: state.string, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let configuration = folder.appending("fumikura.toml")
    let absolute = URL(filePath: model.string).standardizedFileURL.path
    try Data(
      """
      [daemon]
      state_directory = "\(state)"
      socket = "\(socket)"
      model = "\(absolute)"

      [[share]]
      name = "bench"
      path = "\(share)"

      [watch]
      settle_ms = \(settle)

      """.utf8
    ).write(to: URL(filePath: configuration.string))
    try Data().write(to: URL(filePath: log.string))
    process.executableURL = URL(filePath: try Programs.sibling("fumikurad").string)
    process.arguments = ["--config", configuration.string]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: URL(filePath: log.string))
    try process.run()
  }

  /// Connects, once the daemon listens.
  func connect(patience: Duration) throws -> Client {
    let start = ContinuousClock.now
    while true {
      do {
        return try Client(socket: socket.string, patience: patience)
      } catch {
        guard process.isRunning else { throw LabError.unusable("fumikurad ended at its start: \(lastWords)") }
        guard ContinuousClock.now - start < patience else { throw error }
        usleep(10_000)
      }
    }
  }

  /// The end of what it wrote to its log.
  var lastWords: String {
    guard let text = try? String(contentsOfFile: log.string, encoding: .utf8) else { return "(no log)" }
    return String(text.suffix(2000))
  }

  /// Ends it, and removes the folder.
  func stop() {
    if process.isRunning {
      process.terminate()
      let start = ContinuousClock.now
      while process.isRunning, ContinuousClock.now - start < .seconds(10) { usleep(10_000) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(atPath: folder.string)  // what is left in /tmp harms nobody
  }
}
