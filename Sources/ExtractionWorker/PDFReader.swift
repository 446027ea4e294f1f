import TextExtraction

enum PDFReader {
  static func outcome(of source: DocumentSource, deadline: ContinuousClock.Instant) -> ExtractionOutcome {
    .skipped(reason: "unsupported", detail: "pdf")
  }
}
