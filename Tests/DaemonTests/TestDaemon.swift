import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import PassageStore
import SystemPackage

/// A real daemon on folders of its own, with the real model, told and asked through its socket.
///
/// It plays systemd to it: readiness comes as a datagram on NOTIFY_SOCKET, so that nothing sleeps or polls.
final class TestDaemon {
  /// Everything lies here; removed when the object goes.
  let folder: String
  let share: String
  var state: String { "\(folder)/state" }
  var socket: String { "\(folder)/fumikura.sock" }
  var configurationFile: String { "\(folder)/fumikura.toml" }
  private(set) var process: Process?
  private let notifications: NotifySocket

  /// Makes the folders and the configuration; `start` starts the daemon.
  ///
  /// - Parameters:
  ///   - share: the folder to index; nil makes an empty one.
  ///   - extra: further text of the configuration.
  init(share: String? = nil, settleMilliseconds: Int = 20, extra: String = "") throws {
    folder = "/tmp/fumikura-test-\(UUID().uuidString.prefix(8))"
    self.share = share ?? "\(folder)/share"
    try FileManager.default.createDirectory(atPath: "\(folder)/state", withIntermediateDirectories: true)
    if share == nil { try FileManager.default.createDirectory(atPath: self.share, withIntermediateDirectories: true) }
    notifications = try NotifySocket(path: "\(folder)/notify.sock")
    try writeConfiguration(
      """
      [daemon]
      state_directory = "\(folder)/state"
      socket = "\(folder)/fumikura.sock"
      model = "\(try Self.model())"
      log_level = "warning"
      \(Self.administrators)

      [[share]]
      name = "documents"
      path = "\(self.share)"

      [watch]
      settle_ms = \(settleMilliseconds)

      \(extra)
      """)
  }

  /// Root administers anyway; whoever else runs the tests does by their own group.
  private static var administrators: String {
    guard geteuid() != 0, let group = getgrgid(getegid()) else { return "" }
    return "admin_group = \"\(String(cString: group.pointee.gr_name))\""
  }

  deinit {
    if process != nil { kill() }
    // A folder that cannot be removed is /tmp's to clean.
    try? FileManager.default.removeItem(atPath: folder)
  }

  func writeConfiguration(_ text: String) throws {
    try text.write(toFile: configurationFile, atomically: true, encoding: .utf8)
  }

  /// Starts the daemon and waits until it says that it is ready.
  func start(environment: [String: String] = [:], readyWithin seconds: Double = 60) throws {
    try launch(environment: environment)
    try notifications.wait(for: "READY=1", seconds: seconds, while: process!)
  }

  /// Starts the daemon without waiting.
  ///
  /// - Parameter launcher: a program and its first arguments, which executes the daemon's command that follows them.
  func launch(environment: [String: String] = [:], by launcher: [String] = []) throws {
    notifications.forget()
    let process = Process()
    let command = launcher + [try Self.program("fumikurad"), "--config", configurationFile]
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    var all = ProcessInfo.processInfo.environment
    all["NOTIFY_SOCKET"] = notifications.path
    for (name, value) in environment { all[name] = value }
    process.environment = all
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.process = process
  }

  /// SIGTERM, then waits for the end. Returns the exit status.
  @discardableResult
  func stop() -> Int32 { end(SIGTERM) }

  /// SIGKILL, then waits for the end.
  @discardableResult
  func kill() -> Int32 { end(SIGKILL) }

  /// Waits until the daemon ends by itself. Returns the exit status, or the signal that ended it.
  @discardableResult
  func waitForEnd() -> Int32 {
    process?.waitUntilExit()
    defer { process = nil }
    return process?.terminationStatus ?? 0
  }

  private func end(_ signal: Int32) -> Int32 {
    if let process, process.isRunning { Glibc.kill(process.processIdentifier, signal) }
    return waitForEnd()
  }

  // MARK: Asking

  func client() throws -> Client { try Client(socket: socket, patience: .seconds(300)) }

  /// Waits until everything that happened in the share is searchable.
  func sync(milliseconds: Int = 300_000) throws {
    _ = try client().call(.sync, SyncParameters(timeoutMilliseconds: milliseconds))
  }

  func search(_ query: String, limit: Int = 10, mode: SearchMode = .hybrid) throws -> [Hit] {
    try client().call(.search, SearchParameters(query: query, limit: limit, mode: mode)).hits
  }

  func status() throws -> IndexStatusReply { try client().call(.indexStatus, IndexStatusParameters()) }

  /// Every file that the caller sees, page after page.
  func files() throws -> [FileEntry] {
    var all: [FileEntry] = []
    var cursor: String?
    let client = try client()
    repeat {
      let page = try client.call(.indexFiles, IndexFilesParameters(cursor: cursor, limit: 1000))
      all += page.files
      cursor = page.nextCursor
    } while cursor != nil
    return all
  }

  /// The index as comparable lines. The daemon must have ended.
  func snapshot() throws -> [String] {
    try PassageStore(at: FilePath("\(state)/fumikura.db")).snapshotForComparison()
  }

  // MARK: The share

  func write(_ text: String, to name: String) throws {
    let path = "\(share)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  // MARK: What is needed

  /// A program of the package: of $FUMIKURA_BIN, else beside the running tests.
  static func program(_ name: String) throws -> String {
    let folder =
      ProcessInfo.processInfo.environment["FUMIKURA_BIN"]
      ?? (CommandLine.arguments[0] as NSString).deletingLastPathComponent
    let path = "\(folder)/\(name)"
    guard access(path, X_OK) == 0 else { throw Missing("\(path) is not there: build it, or set FUMIKURA_BIN") }
    return path
  }

  static var repository: String {
    (((#filePath as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent as NSString)
      .deletingLastPathComponent
  }

  /// The default model's file.
  static func model() throws -> String {
    let path =
      ProcessInfo.processInfo.environment["FUMIKURA_MODEL"] ?? "\(repository)/models/all-MiniLM-L6-v2.fmodel"
    guard access(path, R_OK) == 0 else { throw Missing("\(path) is not there: get it with scripts/fetch-model") }
    return path
  }

  struct Missing: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}
