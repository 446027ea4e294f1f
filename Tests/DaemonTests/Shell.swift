import Foundation
import Glibc

/// Programs that are run to their end.
enum Shell {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Throws where it ends with another status than 0, unless `mayFail`.
  @discardableResult
  static func run(
    _ program: String, _ arguments: [String], input: String? = nil, environment: [String: String] = [:],
    mayFail: Bool = false
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    // A file, not a pipe: a program that writes before it has read all cannot stand still against us.
    let given = "\(NSTemporaryDirectory())/fumikura-input-\(UUID().uuidString)"
    if let input {
      try input.write(toFile: given, atomically: false, encoding: .utf8)
      process.standardInput = FileHandle(forReadingAtPath: given)
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    defer { if input != nil { unlink(given) } }
    try process.run()
    // What these programs say on standard error fits a pipe.
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    let words = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let outcome = Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: words, as: UTF8.self))
    guard mayFail || outcome.status == 0 else {
      throw TestDaemon.Missing("\(program) \(arguments) ended with \(outcome.status): \(outcome.errors)")
    }
    return outcome
  }
}
