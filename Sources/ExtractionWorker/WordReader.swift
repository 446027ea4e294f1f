import TextExtraction

enum WordReader {
  static func outcome(of source: DocumentSource, name: String, deadline: ContinuousClock.Instant) -> ExtractionOutcome {
    .skipped(reason: "unsupported", detail: "zip")
  }
}
