import ArgumentParser
import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import SentenceEncoder
import SystemPackage

struct ModelRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Delete a model's file.",
    discussion: """
      Asks first, unless --yes is given. A model of the name that the running daemon uses is not removed: its next start \
      would fail. Where no daemon answers, that is not known, and said.
      """)

  @Argument(help: "A name, or the path of an .fmodel file.") var model: String
  @Flag(name: [.short, .long], help: "Do not ask.") var yes = false
  @Option(help: ArgumentHelp("The daemon's socket (FUMIKURA_SOCKET, else \(Client.defaultSocket)).", valueName: "path"))
  var socket: String?
  @Flag(help: "Print JSON.") var json = false

  private struct Removed: Encodable {
    let removed: String
  }

  func run() throws {
    let file = try ModelDirectories().file(of: model)
    guard file.lastComponent?.string.hasSuffix(".fmodel") == true else {
      throw LabError.unusable("\(file) is no model file: got another suffix, expected .fmodel")
    }
    var status = stat()
    guard file.withPlatformString({ lstat($0, &status) }) == 0 else {
      throw LabError.unusable("\(file): \(String(cString: strerror(errno)))")
    }
    guard [S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT) else {
      throw LabError.unusable("\(file) is no model file: got something that is not a regular file")
    }
    try refuseIfInUse(file)
    if !yes, try !confirmed(file, Int(status.st_size)) {
      Output.remark("nothing was removed")
      throw ExitCode.withoutResults
    }
    guard file.withPlatformString({ unlink($0) }) == 0 else {
      throw LabError.unusable("\(file) cannot be removed: \(String(cString: strerror(errno)))")
    }
    if json { return try Output.json(Removed(removed: file.string)) }
    try Output.line("removed \(file)")
  }

  /// The daemon tells its models' names, not where their files are: a file of such a name counts as one in use. A daemon
  /// holds the file open, so that it would run on, and fail at its next start.
  private func refuseIfInUse(_ file: FilePath) throws {
    let path = socket ?? ProcessInfo.processInfo.environment["FUMIKURA_SOCKET"] ?? Client.defaultSocket
    let used: Set<String>
    do throws(ClientError) {
      let health = try Client(socket: path, patience: .seconds(5)).call(.health, HealthParameters())
      used = Set(health.encoders.map(\.model) + [health.model].compactMap(\.self))
    } catch {
      return Output.remark(
        "no daemon answers at \(path), so that it is not known whether one uses this model: \(error)")
    }
    let names = [file.lastComponent?.stem, try? EncoderModel(contentsOf: file).name].compactMap(\.self)
    guard let name = names.first(where: used.contains) else { return }
    throw LabError.unusable(
      "the daemon at \(path) uses a model named \(name): set another one in its configuration (model = …) and restart it first"
    )
  }

  private func confirmed(_ file: FilePath, _ bytes: Int) throws -> Bool {
    guard isatty(0) == 1 else {
      throw LabError.unusable("\(file) is not removed without being asked: give --yes where nobody can answer")
    }
    // A question that cannot be shown gets no yes.
    try? FileHandle.standardError.write(contentsOf: Data("remove \(file), \(bytes / 1_000_000) MB? [y/N] ".utf8))
    return ["y", "yes"].contains(readLine()?.lowercased())
  }
}
