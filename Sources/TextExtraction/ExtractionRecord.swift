/// An outcome as one JSON object, as `fumi extract --json` prints it. Every key is always there; what is absent is null.
package struct ExtractionRecord: Codable, Sendable, Equatable {
  package let path: String
  /// The format that the text was read as; null where there is no text.
  package let type: String?
  /// "indexed", "partial", "skipped" or "failed".
  package let state: String
  /// Why it is not "indexed".
  package let reason: String?
  package let title: String?
  /// The joined text.
  package let text: String?

  package init(path: String, outcome: ExtractionOutcome) {
    self.path = path
    switch outcome {
    case .text(let extracted):
      type = extracted.type
      state = extracted.partial == nil ? "indexed" : "partial"
      reason = extracted.partial
      title = extracted.title
      text = extracted.joinedText()
    case .skipped(let reason, _):
      (type, state, title, text) = (nil, "skipped", nil, nil)
      self.reason = reason
    case .failed(let reason, _):
      (type, state, title, text) = (nil, "failed", nil, nil)
      self.reason = reason
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(type, forKey: .type)
    try container.encode(state, forKey: .state)
    try container.encode(reason, forKey: .reason)
    try container.encode(title, forKey: .title)
    try container.encode(text, forKey: .text)
  }
}
