import FumikuraClient

/// What went wrong, on standard error, with what to do about it.
struct Complaint {
  private let message: String
  private let hint: String?

  init(_ error: ClientError) {
    message = error.description
    hint = error.hint
  }

  init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  var text: String {
    // The daemon's words may hold a file's name: made safe for a terminal in any case.
    let terminal = Terminal(isInteractive: true) { _ in nil }
    let advice = hint.map { "\n  \(terminal.safe($0))" } ?? ""
    return "fumi: \(terminal.safe(message))\(advice)"
  }

  func print() { Terminal.printError(text) }
}
