import FumikuraProtocol

/// What one check of `fumi doctor` found.
struct Finding {
  enum Verdict: String { case ok, warning, failure }

  let verdict: Verdict
  let name: String
  let message: String
  let hint: String?

  init(_ verdict: Verdict, _ name: String, _ message: String, hint: String? = nil) {
    self.verdict = verdict
    self.name = name
    self.message = message
    self.hint = hint
  }

  var json: JSON {
    ["name": .string(name), "status": .string(verdict.rawValue), "message": .string(message), "hint": hint.json]
  }
}
