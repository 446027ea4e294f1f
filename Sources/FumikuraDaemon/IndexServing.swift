import Configuration
import Foundation
package import FumikuraProtocol
import LinuxSystem
import PassageStore
package import SemanticIndex
package import Server
import Synchronization
package import SystemPackage

/// The index as the protocol's methods: parameters in, replies out, the index's errors in the protocol's words.
package final class IndexServing: IndexService {
  let index: SemanticIndex
  private let configurationFile: FilePath

  package init(index: SemanticIndex, configurationFile: FilePath) {
    self.index = index
    self.configurationFile = configurationFile
  }

  /// Whether the store answers: what the watchdog wants to know.
  var isAlive: Bool { (try? index.store.pendingJobs()) != nil }

  package func search(_ parameters: SearchParameters, caller: Caller) throws -> SearchReply {
    try translating {
      let start = ContinuousClock.now
      var waited: Duration?
      var isComplete = true
      if let limit = parameters.waitForSyncMilliseconds {
        let deadline = Date(timeIntervalSinceNow: Double(limit) / 1000)
        isComplete = try index.synchronize(
          shares: try index.shareIDs(parameters.shares, for: caller.reader) ?? index.allShares, until: deadline)
        waited = ContinuousClock.now - start
      }
      var request = SearchRequest(.query(parameters.query))
      request.limit = parameters.limit
      request.offset = parameters.offset
      request.shares = try index.shareIDs(parameters.shares, for: caller.reader)
      request.glob = parameters.pathGlob.map { .init($0) }
      request.types = parameters.types.map(Set.init)
      request.modifiedAfter = parameters.modifiedAfter?.nanoseconds
      request.modifiedBefore = parameters.modifiedBefore?.nanoseconds
      request.mode =
        switch parameters.mode {
        case .hybrid: .hybrid
        case .semantic: .semantic
        case .keyword: .keyword
        }
      request.grouping = parameters.grouping == .file ? .file : .passage
      request.minimumScore = parameters.minimumScore
      return try reply(to: request, caller: caller, waited: waited, isComplete: isComplete)
    }
  }

  package func similar(_ parameters: SimilarParameters, caller: Caller) throws -> SearchReply {
    try translating {
      let subject: SearchRequest.Subject
      if let path = parameters.path {
        guard let file = try index.file(at: FilePath(bytes: path.bytes), for: caller.reader) else {
          throw ServiceError.notFound("no indexed file is at \(path)", parameter: "path")
        }
        subject = .file(file.id)
      } else if let id = parameters.passageID {
        guard try index.file(ofPassage: Int64(id), for: caller.reader) != nil else {
          throw ServiceError.notFound("there is no passage \(id)", parameter: "passage_id")
        }
        subject = .passage(Int64(id))
      } else {
        subject = .query(parameters.text ?? "")
      }
      var request = SearchRequest(subject)
      request.mode = .semantic
      request.limit = parameters.limit
      request.offset = parameters.offset
      request.shares = try index.shareIDs(parameters.shares, for: caller.reader)
      request.glob = parameters.pathGlob.map { .init($0) }
      request.types = parameters.types.map(Set.init)
      request.grouping = parameters.grouping == .file ? .file : .passage
      request.minimumScore = parameters.minimumScore
      return try reply(to: request, caller: caller, waited: nil, isComplete: true)
    }
  }

  private func reply(
    to request: SearchRequest, caller: Caller, waited: Duration?, isComplete: Bool
  ) throws -> SearchReply {
    let result = try index.search(request, for: caller.reader)
    let times = result.times
    // Microseconds would tell whether other people's files hold a word.
    let told = { (time: Duration) in caller.isAdministrator ? time.milliseconds : time.milliseconds.rounded(.up) }
    return SearchReply(
      hits: result.hits.map { hit in
        Hit(
          path: WirePath(bytes: hit.path.bytes), share: hit.share.name, score: hit.score,
          semanticScore: hit.semanticScore, keywordScore: caller.isAdministrator ? hit.keywordScore : nil,
          snippet: Snippet(
            text: hit.snippet, highlights: hit.highlights.map { Highlight(start: $0.lowerBound, length: $0.count) }),
          page: hit.passage.page, heading: hit.passage.heading, title: hit.file.title,
          modified: Timestamp(nanoseconds: hit.attributes?.modified ?? hit.file.attributes.modified),
          type: hit.file.type ?? "text", size: Int(hit.attributes?.size ?? hit.file.attributes.size),
          passageID: Int(hit.passage.id), isStale: hit.isStale)
      },
      took: StageTimes(
        total: told(times.total + (waited ?? .zero)), sync: waited.map(told), encode: times.encode.map(told),
        scan: times.scan.map(told), rescore: times.rescore.map(told), keyword: times.keyword.map(told),
        snippet: times.snippet.map(told)),
      epoch: Int(index.epoch),
      projector: result.projector.map {
        ProjectorInForce(version: $0.version, kind: $0.method, dimensions: $0.dimensions, bits: $0.bits)
      }, isPartial: result.isPartial || !isComplete, pending: caller.isAdministrator ? index.counters.pending : nil)
  }

  package func sync(_ parameters: SyncParameters, caller: Caller) throws -> SyncReply {
    try translating {
      let start = ContinuousClock.now
      let deadline = Date(timeIntervalSinceNow: Double(parameters.timeoutMilliseconds) / 1000)
      let shares = try index.shareIDs(parameters.shares, for: caller.reader) ?? index.allShares
      guard try index.synchronize(shares: shares, until: deadline) else {
        throw ServiceError.timeout(
          "not everything was searchable within \(parameters.timeoutMilliseconds) ms",
          hint: "ask index.status how much is waiting, or give a longer timeout_ms")
      }
      return SyncReply(epoch: Int(index.epoch), tookMilliseconds: (ContinuousClock.now - start).milliseconds)
    }
  }

  package func shareList(_ parameters: ShareListParameters, caller: Caller) throws -> ShareListReply {
    try translating {
      ShareListReply(
        shares: try index.shareOverviews(for: caller.reader).map {
          ShareDescription(name: $0.row.name, path: WirePath(bytes: $0.row.root.bytes), state: state(of: $0))
        })
    }
  }

  private func state(of share: SemanticIndex.ShareOverview) -> ShareState {
    if share.isOffline { return .offline }
    if case .loading = index.state { return .scanning }
    return share.isBusy ? .indexing : .ready
  }

  package func indexStatus(_ parameters: IndexStatusParameters, caller: Caller) throws -> IndexStatusReply {
    try translating {
      let wanted = try index.shareIDs(parameters.shares, for: caller.reader)
      let shares = try index.shareOverviews(for: caller.reader).filter { wanted?.contains($0.row.id) ?? true }
      let counters = index.counters
      let isAdministrator = caller.isAdministrator
      return IndexStatusReply(
        shares: shares.map { share in
          ShareStatus(
            name: share.row.name, path: WirePath(bytes: share.row.root.bytes), state: state(of: share),
            files: FumikuraProtocol.FileCounts(
              indexed: share.counts.indexed, waiting: share.counts.waiting, failed: share.counts.failed,
              skipped: share.counts.skipped, quarantined: share.counts.quarantined),
            passages: share.counts.passages, epoch: Int(share.row.epoch), isWatching: share.isWatching,
            isOffline: share.isOffline, reason: share.problem, model: share.model,
            reencoding: share.reencoding.map { ReencodingStatus(model: $0.model, done: $0.done, total: $0.total) })
        }, pending: isAdministrator ? counters.pending : nil,
        encoder: isAdministrator
          ? EncoderStatus(passagesEncoded: counters.passagesEncoded, passagesReused: counters.passagesReused) : nil,
        training: isAdministrator
          ? index.training.map {
            TrainingStatus(phase: $0.phase.rawValue, progress: $0.fraction, version: $0.version)
          } : nil, projector: projectorInForce, model: index.modelName,
        memoryBytes: isAdministrator ? ProcessMemory.residentBytes() : nil)
    }
  }

  private var projectorInForce: ProjectorInForce? {
    index.projector.map {
      ProjectorInForce(version: $0.version, kind: $0.method, dimensions: $0.dimensions, bits: $0.bits)
    }
  }

  package func indexFiles(_ parameters: IndexFilesParameters, caller: Caller) throws -> IndexFilesReply {
    try translating {
      var states = parameters.states.map(Set.init)
      let includesWaiting = states?.remove(.waiting) != nil || parameters.states == nil
      let page = try index.files(
        .init(
          shares: try index.shareIDs(parameters.shares, for: caller.reader),
          states: states.map { Set($0.compactMap { StoredFileState(rawValue: $0.rawValue) }) }),
        includesWaiting: includesWaiting, glob: parameters.pathGlob.map { .init($0) }, after: parameters.cursor,
        limit: parameters.limit, for: caller.reader)
      return IndexFilesReply(
        files: page.files.map { file in
          FileEntry(
            path: WirePath(bytes: file.path.bytes), share: file.share.name,
            state: file.row.flatMap { FumikuraProtocol.FileState(rawValue: $0.state.rawValue) } ?? .waiting,
            reason: file.row?.reason ?? file.row?.partial, size: file.size.map { Int($0) },
            modified: file.modified.map { Timestamp(nanoseconds: $0) }, passages: file.row?.passages ?? 0,
            type: file.row?.type)
        }, nextCursor: page.next)
    }
  }

  package func indexWhy(_ parameters: IndexWhyParameters, caller: Caller) throws -> IndexWhyReply {
    try translating {
      guard let path = parameters.path else { throw ServiceError.invalidParameter("path", "path is missing") }
      switch try index.why(FilePath(bytes: path.bytes), for: caller.reader) {
      case .outside:
        return IndexWhyReply(path: path, state: .outside, reason: "outside", detail: "it is in no share", history: [])
      case .unknown(let share):
        return IndexWhyReply(
          path: path, share: share.name, state: .unknown, reason: "unknown",
          detail: "no such file is known, or not to you", history: [])
      case .ignored(let share):
        return IndexWhyReply(
          path: path, share: share.name, state: .ignored, reason: "ignored",
          detail:
            "an ignore rule keeps it out: a hidden file, a program's temporary, or a pattern of the configuration",
          history: [])
      case .waiting(let share):
        return IndexWhyReply(path: path, share: share.name, state: .waiting, history: [])
      case .known(let share, let row, let journal):
        return IndexWhyReply(
          path: path, share: share.name, state: .init(rawValue: row.state.rawValue) ?? .unknown,
          reason: row.reason ?? row.partial, detail: row.detail, passages: row.passages, attempts: row.attempts,
          indexed: row.readAt == 0 ? nil : Timestamp(nanoseconds: row.readAt),
          history: journal.map {
            HistoryEntry(time: Timestamp(nanoseconds: $0.time), action: $0.kind, detail: $0.detail)
          })
      }
    }
  }

  package func indexFailures(_ parameters: IndexFailuresParameters, caller: Caller) throws -> IndexFailuresReply {
    try translating {
      let page = try index.files(
        .init(
          shares: try index.shareIDs(parameters.shares, for: caller.reader), states: [.failed, .quarantined]),
        includesWaiting: false, glob: nil, after: parameters.cursor, limit: parameters.limit, for: caller.reader)
      return IndexFailuresReply(
        failures: page.files.compactMap { file in
          file.row.map { row in
            FailureEntry(
              path: WirePath(bytes: file.path.bytes), share: file.share.name,
              state: row.state == .failed ? .failed : .quarantined, reason: row.reason ?? "unknown",
              detail: row.detail, attempts: row.attempts,
              lastAttempt: row.readAt == 0 ? nil : Timestamp(nanoseconds: row.readAt))
          }
        }, nextCursor: page.next)
    }
  }

  package func projectorList(_ parameters: ProjectorListParameters, caller: Caller) throws -> ProjectorListReply {
    try translating {
      let rows = try index.store.projectors()
      let versions = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.version) })
      return ProjectorListReply(
        projectors: rows.sorted { $0.version > $1.version }.map { row in
          let profile = ProjectorProfile(json: row.profile)
          return ProjectorEntry(
            version: row.version, parent: row.parent.flatMap { versions[$0] }, kind: row.method,
            state: .init(rawValue: row.state.rawValue) ?? .candidate, dimensions: row.dimensions, bits: row.bits,
            created: Timestamp(nanoseconds: row.created),
            trainedOn: caller.isAdministrator ? profile?.sampled : nil,
            score: caller.isAdministrator ? profile?.score : nil,
            baselineScore: caller.isAdministrator ? profile?.baselineScore : nil,
            reason: caller.isAdministrator ? row.reason : nil,
            classes: caller.isAdministrator ? profile?.objective?.name : nil,
            classesReason: caller.isAdministrator ? profile?.objective?.account : nil,
            model: index.modelName(of: row.model))
        })
    }
  }

  package func health(_ parameters: HealthParameters, caller: Caller) throws -> HealthReply {
    let isReady = if case .running = index.state { true } else { false }
    let troubles = index.troubles
    return HealthReply(
      status: troubles.isEmpty ? .ok : .degraded, isReady: isReady, version: FumikuraVersion.current,
      // Troubles name paths, and how many there are is not for everybody either.
      warnings: caller.isAdministrator
        ? troubles.map { Warning(kind: "trouble", message: $0, hint: nil) }
        : troubles.prefix(1).map { _ in
          Warning(kind: "trouble", message: "something needs an administrator's attention", hint: nil)
        }, projector: projectorInForce, model: index.modelName,
      encoders: index.encoders.map { EncoderInUse(model: $0.model, path: $0.path, reason: $0.reason) },
      uptimeSeconds: index.uptime)
  }

  package func configReload(_ parameters: ConfigReloadParameters, caller: Caller) throws -> ConfigReloadReply {
    try translating {
      let (changed, needsRestart) = try reload()
      return ConfigReloadReply(changed: changed, needsRestart: needsRestart)
    }
  }

  private let reloading = Mutex(())

  /// Reads the configuration file again and takes over what can be; an invalid file changes nothing.
  func reload() throws -> (changed: [String], needsRestart: [String]) {
    try reloading.withLock { _ in
      let new = try DaemonConfiguration(contentsOf: configurationFile)
      try new.validatePlaces(file: configurationFile)
      return try index.reload(new)
    }
  }

  /// Runs `body`, turning the index's errors into the protocol's.
  private func translating<Reply>(_ body: () throws -> Reply) throws -> Reply {
    do {
      try index.awaitShares()
      return try body()
    } catch let error as NotReady {
      throw ServiceError.unavailable(error.reason, retryAfter: error.isFinal ? nil : .seconds(1))
    } catch let error as SemanticIndex.UnknownShare {
      throw ServiceError.invalidParameter(
        "shares", "no share is named \"\(error.name)\"", hint: "shares are \(error.known.joined(separator: ", "))")
    } catch let error as InvalidCursor {
      throw ServiceError.invalidParameter("cursor", error.description)
    } catch let error as ConfigurationError {
      throw ServiceError(code: -32010, kind: "invalid_configuration", message: error.description)
    } catch let error as UnusableConfiguration {
      throw ServiceError(
        code: -32010, kind: "invalid_configuration", message: "\(configurationFile): \(error.reason)")
    }
  }
}

extension Caller {
  /// As the index asks who reads.
  var reader: FileSystemCheck.Caller { isAdministrator ? .administrator : .user(credentials) }
}

extension Duration {
  /// As a number, for replies.
  var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}

extension SemanticIndex.FileOverview {
  var size: Int64? { attributes?.size ?? row?.attributes.size }
  var modified: Int64? { attributes?.modified ?? row?.attributes.modified }
}
