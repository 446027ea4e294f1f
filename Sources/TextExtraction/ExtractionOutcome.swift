/// How the extraction of one file ended. There is always one; nothing throws.
///
/// Reasons are short, stable words that are stored and shown:
///
/// - skipped: `empty`, `binary`, `archive`, `unsupported` (a known format that is not read), `no-text` (a scan),
///   `too-big`, `not-regular`.
/// - failed: `malformed`, `encrypted`, `limit`, `deadline`, `memory`, `crash` (all of them the file's fault) and
///   `unavailable` (not the file's fault: no worker could be started, or the pool was stopped; to be tried again).
///
/// The detail is for people and logs; it says nothing of the file's text.
package enum ExtractionOutcome: Sendable, Equatable {
  case text(ExtractedText)
  case skipped(reason: String, detail: String?)
  case failed(reason: String, detail: String?)
}
