import Foundation
import SystemPackage
import Testing

/// The built `fumikura-lab`, run as people run it.
struct Laboratory {
  struct Outcome {
    let status: Int32
    let output: Data
    let remarks: String

    var text: String { String(decoding: output, as: UTF8.self) }

    /// The only line of standard output, as JSON.
    func object() throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any], "\(text)\(remarks)")
    }

    /// `results` of an evaluation.
    func results() throws -> [[String: Any]] { try #require(try object()["results"] as? [[String: Any]]) }
  }

  /// A folder that goes with the value's last copy: the working folder, and the cache's.
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func run(_ arguments: [String], input: Data = Data(), environment: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    let input = try folder.write(input, "input-\(UUID().uuidString)")
    let output = try folder.write("", "output-\(UUID().uuidString)")
    let remarks = try folder.write("", "remarks-\(UUID().uuidString)")
    process.executableURL = URL(filePath: Self.program.string)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["XDG_CACHE_HOME": folder.path.string]) { $1 }.merging(environment) { $1 }
    // Files, not pipes: nothing can fill up.
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: input.string))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output.string))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: remarks.string))
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try Data(contentsOf: URL(filePath: output.string)),
      remarks: try String(contentsOfFile: remarks.string, encoding: .utf8))
  }

  /// Beside the program that runs the tests.
  static let program: FilePath = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return FilePath(own).removingLastComponent().appending("fumikura-lab")
  }()

  /// The real model: the file that FUMIKURA_MODEL names, or the one in the repository's `models/`.
  static func model() throws -> String {
    let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    let path =
      ProcessInfo.processInfo.environment["FUMIKURA_MODEL"] ?? root.appending("models/all-MiniLM-L6-v2.fmodel").string
    try #require(
      FileManager.default.fileExists(atPath: path),
      "no model at \(path): run scripts/fetch-model, or name the file in FUMIKURA_MODEL")
    return path
  }
}
