package import FumikuraProtocol
package import Server

/// A small real service: it answers with what it was asked, and its queries can make it wait, fail or say a lot.
package final class EchoService: IndexService {
  /// Queries that begin with "wait" stop here.
  package let gate = Gate()
  /// Calls that found that nobody waited for them any more pass here.
  package let cancelled = Gate()

  package init() {}

  /// One hit that repeats the query and says who asked. Queries that begin with a word of these do more: `wait` stops
  /// at the gate; `fail` throws an error of the service, `break` one of its own; `say N` gives N bytes of snippet.
  package func search(_ parameters: SearchParameters, caller: Caller) throws -> SearchReply {
    let words = parameters.query.split(separator: " ")
    var text = parameters.query
    switch words.first {
    case "wait":
      gate.pass()
      if caller.hasCancelled {
        cancelled.open()
        throw ServiceError.cancelled
      }
    case "fail": throw ServiceError.unavailable("the model is still loading", retryAfter: .milliseconds(250))
    case "break": throw Broken()
    case "say": text = String(repeating: "x", count: words.last.flatMap { Int($0) } ?? 0)
    default: break
    }
    return SearchReply(
      hits: [hit(text, caller)], took: StageTimes(total: 1.5, encode: 1), epoch: 1, isPartial: false, pending: 0)
  }

  package func similar(_ parameters: SimilarParameters, caller: Caller) throws -> SearchReply {
    if parameters.path == WirePath("/srv/none") { throw ServiceError.notFound("no indexed file is at /srv/none") }
    return SearchReply(
      hits: parameters.text == "nothing" ? [] : [hit(parameters.text ?? parameters.path?.description ?? "", caller)],
      took: StageTimes(total: 1), epoch: 1, isPartial: true, pending: nil)
  }

  package func sync(_ parameters: SyncParameters, caller: Caller) throws -> SyncReply {
    caller.report(fraction: 0.25, message: "1 of 4")
    if parameters.timeoutMilliseconds == 1 { gate.pass() }
    if caller.hasCancelled { cancelled.open() }
    return SyncReply(epoch: 3, tookMilliseconds: 12.5)
  }

  package func shareList(_ parameters: ShareListParameters, caller: Caller) throws -> ShareListReply {
    ShareListReply(shares: [ShareDescription(name: "documents", path: WirePath("/srv/documents"), state: .ready)])
  }

  package func indexStatus(_ parameters: IndexStatusParameters, caller: Caller) throws -> IndexStatusReply {
    let share = ShareStatus(
      name: "documents", path: WirePath("/srv/documents"), state: .indexing,
      files: FileCounts(indexed: 3, waiting: 1, failed: 1, skipped: 2, quarantined: 0), passages: 40, epoch: 1,
      isWatching: true, isOffline: false)
    let all = caller.isAdministrator
    return IndexStatusReply(
      shares: [share], pending: all ? 1 : nil,
      encoder: all ? EncoderStatus(passagesEncoded: 40, passagesReused: 2) : nil,
      training: all ? TrainingStatus(phase: "training", progress: 0.5, version: 2) : nil, projector: projector,
      model: "echo", memoryBytes: all ? 1 << 26 : nil)
  }

  /// Five files, two a page at most, the last of them with a name that is not UTF-8 and one that acts on terminals.
  package func indexFiles(_ parameters: IndexFilesParameters, caller: Caller) throws -> IndexFilesReply {
    let names: [[UInt8]] = [
      Array("a.txt".utf8), Array("b.pdf".utf8), Array("c\u{1B}[2J.txt".utf8), Array("d.txt".utf8), [0xE9],
    ]
    let start = parameters.cursor.flatMap { Int($0) } ?? 0
    let end = min(start + min(2, parameters.limit), names.count)
    let files = names[min(start, end)..<end].map { name in
      FileEntry(
        path: WirePath(bytes: Array("/srv/documents/".utf8) + name), share: "documents", state: .indexed, size: 5,
        modified: Timestamp(nanoseconds: 1), passages: 1, type: "text")
    }
    return IndexFilesReply(files: files, nextCursor: end < names.count ? String(end) : nil)
  }

  package func indexWhy(_ parameters: IndexWhyParameters, caller: Caller) throws -> IndexWhyReply {
    guard let path = parameters.path else { throw Broken() }
    guard path != WirePath("/srv/none") else {
      return IndexWhyReply(path: path, state: .outside, reason: "outside", history: [])
    }
    return IndexWhyReply(
      path: path, share: "documents", state: .failed, reason: "malformed", detail: "caller: \(caller.credentials)",
      passages: 0, attempts: 2, history: [HistoryEntry(time: Timestamp(nanoseconds: 0), action: "failed")])
  }

  package func indexFailures(_ parameters: IndexFailuresParameters, caller: Caller) throws -> IndexFailuresReply {
    let entry = FailureEntry(
      path: WirePath("/srv/documents/x.pdf"), share: "documents", state: .failed, reason: "malformed",
      detail: "no xref table", attempts: 2, lastAttempt: Timestamp(nanoseconds: 0))
    return IndexFailuresReply(failures: [entry], nextCursor: nil)
  }

  package func projectorList(_ parameters: ProjectorListParameters, caller: Caller) throws -> ProjectorListReply {
    let entry = ProjectorEntry(
      version: 1, kind: "pca-whitened", state: .active, dimensions: 128, bits: 4, created: Timestamp(nanoseconds: 0),
      score: 0.98)
    return ProjectorListReply(projectors: [entry])
  }

  package func health(_ parameters: HealthParameters, caller: Caller) throws -> HealthReply {
    HealthReply(
      status: .degraded, isReady: true, version: "0.1.0",
      warnings: [Warning(kind: "watch_limit", message: "some folders are not watched", hint: "raise the limit")],
      projector: projector, model: "echo",
      encoders: [EncoderInUse(model: "echo", path: "fast", reason: "eight bits by AVX2")], uptimeSeconds: 12)
  }

  package func configReload(_ parameters: ConfigReloadParameters, caller: Caller) throws -> ConfigReloadReply {
    ConfigReloadReply(changed: ["watch.settle_ms"], needsRestart: [])
  }

  private struct Broken: Error {}

  private let projector = ProjectorInForce(version: 1, kind: "pca-whitened", dimensions: 128, bits: 4)

  private func hit(_ text: String, _ caller: Caller) -> Hit {
    Hit(
      path: WirePath("/srv/documents/echo.txt"), share: "documents", score: 0.75, semanticScore: 0.7,
      keywordScore: caller.isAdministrator ? 3.5 : nil,
      snippet: Snippet(text: text, highlights: text.isEmpty ? [] : [Highlight(start: 0, length: 1)]), page: 2,
      heading: "\(caller.credentials), administrator \(caller.isAdministrator)", modified: Timestamp(nanoseconds: 0),
      type: "text", size: 10, passageID: 1, isStale: false)
  }
}
