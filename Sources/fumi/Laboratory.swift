import ArgumentParser
import Glibc

/// Hands a command to `fumikura-lab`, with every argument as it came, byte for byte.
enum Laboratory {
  static let commands = ["extract", "embed", "evaluate", "profile", "bench", "model"]
  private static let program = "fumikura-lab"

  /// Becomes the laboratory where the first argument names one of its commands, or asks for help with one.
  static func runIfAsked() {
    let arguments = CommandLine.arguments
    guard arguments.count > 1 else { return }
    if commands.contains(arguments[1]) { become(Array(CommandLine.unsafeArgv.arguments)) }
    if arguments.count > 2, arguments[1] == "help", commands.contains(arguments[2]) {
      let raw = CommandLine.unsafeArgv.arguments
      become([raw[0]] + raw[2...] + [strdup("--help")])
    }
  }

  private static func become(_ arguments: [UnsafeMutablePointer<CChar>?]) -> Never {
    let vector = arguments + [nil]
    if let beside = directory().map({ "\($0)/\(program)" }) { execv(beside, vector) }
    execvp(program, vector)
    Complaint(
      "\(program) cannot be run: \(String(cString: strerror(errno)))",
      hint: "it is looked for beside fumi's own program, then in PATH"
    ).print()
    exit(Outcome.failure.rawValue)
  }

  /// Where this program really is, whatever links lead to it.
  private static func directory() -> String? {
    guard let path = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(path) }
    let text = String(cString: path)
    return text.lastIndex(of: "/").map { String(text[..<$0]) }
  }
}

extension UnsafeMutablePointer where Pointee == UnsafeMutablePointer<CChar>? {
  /// The entries of an argument vector, without the closing nil.
  var arguments: [UnsafeMutablePointer<CChar>?] {
    var result: [UnsafeMutablePointer<CChar>?] = []
    var next = self
    while let argument = next.pointee {
      result.append(argument)
      next += 1
    }
    return result
  }
}
