import Foundation
import FumikuraClient
import Glibc
import SystemPackage

/// A daemon of our own with a share of its own, in a temporary folder that goes with it, or in one that stays.
final class PrivateDaemon {
  /// The folder that it indexes, empty at first.
  let share: FilePath
  /// Its state directory: where its database is.
  let state: FilePath
  private let folder: FilePath
  private let isKept: Bool
  private let socket: FilePath
  private let log: FilePath
  private var process = Process()

  /// Starts the `fumikurad` beside this program.
  convenience init(model: FilePath, settle: Int) throws {
    try self.init(prepared: model, settle: settle)
    try start()
  }

  /// Makes the folders and the configuration, but starts nothing.
  ///
  /// - Parameters:
  ///   - kept: a folder that is made where it is missing, and stays.
  ///   - configuration: further lines.
  init(prepared model: FilePath, settle: Int, kept: FilePath? = nil, configuration further: String = "") throws {
    if let kept {
      folder = FilePath(URL(filePath: kept.string).standardizedFileURL.path)
    } else {
      // A socket's path has at most 107 bytes: no long temporary folder will do.
      var name = Array("/tmp/fumikura-bench-XXXXXX".utf8CString)
      guard mkdtemp(&name) != nil else {
        throw LabError.unusable("no folder could be made in /tmp: \(Errno(rawValue: errno))")
      }
      folder = FilePath(platformString: name)
    }
    isKept = kept != nil
    share = folder.appending("share")
    state = folder.appending("state")
    socket = folder.appending("socket")
    log = folder.appending("log")
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

      \(further)

      """.utf8
    ).write(to: URL(filePath: configuration.string))
    try Data().write(to: URL(filePath: log.string))
  }

  /// Starts the daemon, which must not be running.
  func start() throws {
    let configuration = folder.appending("fumikura.toml")
    process = Process()
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
        usleep(2000)
      }
    }
  }

  /// The end of what it wrote to its log.
  var lastWords: String {
    guard let text = try? String(contentsOfFile: log.string, encoding: .utf8) else { return "(no log)" }
    return String(text.suffix(2000))
  }

  /// Bytes of memory of the daemon and the processes that it started, pages shared with others in proportion (PSS).
  func memory() throws -> Int {
    var left = [process.processIdentifier]
    var sum = 0
    while let next = left.popLast() {
      // A worker may have ended meanwhile.
      guard let rollup = try? String(contentsOfFile: "/proc/\(next)/smaps_rollup", encoding: .utf8),
        let line = rollup.split(separator: "\n").first(where: { $0.hasPrefix("Pss:") }),
        let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
      else { continue }
      sum += kilobytes * 1024
      let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(next)/task")) ?? []
      for task in tasks {
        let children = (try? String(contentsOfFile: "/proc/\(next)/task/\(task)/children", encoding: .utf8)) ?? ""
        left += children.split(separator: " ").compactMap { Int32($0) }
      }
    }
    guard sum > 0 else { throw LabError.unusable("the memory of fumikurad could not be read: \(lastWords)") }
    return sum
  }

  /// Ends the daemon; it may be started again.
  func end() {
    guard process.isRunning else { return }
    process.terminate()
    let start = ContinuousClock.now
    while process.isRunning, ContinuousClock.now - start < .seconds(10) { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  /// Ends it, and removes the folder where it is not to be kept.
  func stop() {
    end()
    if isKept { return }
    try? FileManager.default.removeItem(atPath: folder.string)  // what is left in /tmp harms nobody
  }
}
