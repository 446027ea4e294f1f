import Foundation
import LinearAlgebra
import LinuxSystem
import PassageStore
import RateReduction
import SentenceEncoder
import Synchronization
import SystemPackage
import TextExtraction

/// Answers queries: encode, once for each model in use, scan all codes that the caller may read, rescore, fuse with keywords, check each hit on the
/// file system, cut snippets.
///
/// What the caller may not read is left out *inside* the scan, so that a caller who may read one file in a thousand
/// still gets a full page of the best of those.
///
/// Where the passages that are looked through are of several models, those of one (the *reference*) keep their cosines, and
/// the others' are put on its scale (`ScoreScale`). With one model nothing is changed.
final class Searcher: Sendable {
  private let store: PassageStore
  private let live: ReadWriteLock<LiveIndex>
  private let shares: ShareTable
  private let models: ModelShelf
  /// How many searches there were.
  let searches = Atomic<Int>(0)
  /// What callers may read, as far as the index knows.
  let views = CallerViews()
  /// What helps with one search where it is worth a thread's waking; several searches at once do without.
  private let team: ThreadTeam
  private let snippets: SnippetWriter

  /// Passages ranked before grouping and checking, at first, and as many as the codes need where that is more; more yet
  /// where a page is left short.
  private static let firstCandidates = 256
  /// Threads for one search; a scan of memory gains nothing by more.
  private static let threads = min(4, ProcessInfo.processInfo.activeProcessorCount)
  /// Rows that are scanned by several threads: a tenth of a millisecond's work for one.
  private static let sharedRows = 100_000
  /// Wide codes that are read from the store by several threads.
  private static let sharedCodes = 100
  /// Changes of a share's model during one search after which it is answered as it stands.
  private static let changesOfModel = 3
  /// Passages of a file that stand for it in another model's space.
  private static let representatives = 8

  init(store: PassageStore, live: ReadWriteLock<LiveIndex>, shares: ShareTable, models: ModelShelf) {
    self.store = store
    self.live = live
    self.shares = shares
    self.models = models
    team = ThreadTeam(Self.threads)
    snippets = SnippetWriter(models: models, team: team)
  }

  deinit { team.stop() }

  /// One passage on its way to being a hit.
  private struct Candidate {
    let passage: Int64
    let file: Int64
    /// Of its vector; nil where there is none to compare the query with.
    var model: SHA256Digest?
    var score: Double
    var semantic: Double?
    var keyword: Double?
  }

  /// What a query looks like to the scan.
  private struct Probe {
    /// A unit row of the encoder's width for each model; none in keyword mode.
    var vectors: [SHA256Digest: [Float]] = [:]
    var words: String?
    var excludedFile: Int64?
  }

  func search(_ request: SearchRequest, for caller: FileSystemCheck.Caller) throws -> SearchResult {
    searches.add(1, ordering: .relaxed)
    let clock = ContinuousClock()
    let start = clock.now
    var result = SearchResult()
    var probe = Probe()
    refreshAncestors(for: caller)
    let wanted = request.offset + request.limit
    var check = FileSystemCheck(for: caller)
    var subject: FileRow?
    repeat {
      subject = try row(of: request.subject)
      result.times.encode = try clock.measure { probe = try self.probe(request) }
      if let file = probe.excludedFile, try !mayRead(file: file, &check) { return result }
      // Read anew meanwhile, it may be another text that was compared than the one that the caller may read.
    } while try row(of: request.subject) != subject
    let needed = live.read { live in
      live.parts.compactMap { $0.projector?.stages.scanned.format.bytesPerCode }
        .map(StagedProjector.candidates(forBytes:)).max()
    }
    var count = max(Self.firstCandidates, needed ?? 0, wanted * 4)
    var changes = 0
    while true {
      let ranked = try rank(request, probe, for: caller, count: count, into: &result)
      if ranked.lacksVector && changes < Self.changesOfModel {
        // A share changed over to another model since the query was encoded.
        changes += 1
        probe = try self.probe(request)
        continue
      }
      let hits = try confirm(ranked.candidates, request, &check, wanted: wanted, result: &result)
      if hits.count >= wanted || ranked.isExhausted {
        let time = clock.measure {
          result.hits = Array(hits.dropFirst(request.offset).prefix(request.limit))
          snippets.write(&result.hits, words: probe.words, vectors: probe.vectors)
        }
        result.times.snippet = (result.times.snippet ?? .zero) + time
        result.times.total = clock.now - start
        return result
      }
      count *= 4
    }
  }

  /// What the store has of the file whose like is looked for; nil where a query is asked.
  private func row(of subject: SearchRequest.Subject) throws -> FileRow? {
    switch subject {
    case .query: nil
    case .file(let id): try store.file(id: id)
    case .passage(let id): try store.passagesWithFiles([id])[id]?.file
    }
  }

  private func probe(_ request: SearchRequest) throws -> Probe {
    switch request.subject {
    case .query(let text):
      var probe = Probe(words: text)
      guard request.mode != .keyword else { return probe }
      for model in openModels(for: request) {
        probe.vectors[model.hash] = try model.encoder.encode([text], as: .query).row(0)
      }
      return probe
    case .file(let id):
      return try probe(like: store.passages(ofFile: id), excludedFile: id, request)
    case .passage(let id):
      guard let passage = try store.passages([id])[id] else { return Probe() }
      return try probe(like: [passage], excludedFile: passage.fileID, request)
    }
  }

  /// By the mean of the passages: of their own vectors in the models that they are encoded with; in others by the texts
  /// of a few of them.
  private func probe(
    like passages: [PassageDetail], excludedFile: Int64, _ request: SearchRequest
  ) throws -> Probe {
    var probe = Probe(excludedFile: excludedFile)
    let stored = try store.sourceVectors(passages.map(\.vectorID))
    let places = live.read { live in
      live.parts.map { part in (model: part.model, passages: passages.filter { part.row(of: $0.id) != nil }) }
    }
    for (model, passages) in places {
      let rows = passages.compactMap { stored[$0.vectorID] }
      if !rows.isEmpty { probe.vectors[model] = Self.mean(of: SourceVectors.matrix(of: rows)) }
    }
    let step = max(1, passages.count / Self.representatives)
    let some = stride(from: 0, to: passages.count, by: step).prefix(Self.representatives).map { passages[$0].text }
    for model in openModels(for: request) where probe.vectors[model.hash] == nil && !some.isEmpty {
      probe.vectors[model.hash] = Self.mean(of: try model.encoder.encode(some, as: .passage))
    }
    return probe
  }

  /// The models whose passages a request may find, as far as they are open.
  private func openModels(for request: SearchRequest) -> [OpenModel] {
    let used = live.read { live in live.parts.filter { $0.liveCount > 0 }.map(\.model) }
    guard used.count > 1, let wanted = request.shares else { return used.compactMap { models[$0] } }
    let named = wanted.compactMap { shares[$0]?.row.model }
    // A share that is of no one model may have passages of any.
    return (named.count < wanted.count ? used : used.filter(named.contains)).compactMap { models[$0] }
  }

  /// Whether the caller may read a file that stands for the query: asked once more when its vectors have been taken, as
  /// it may have been closed to them, and written anew, since they named it.
  private func mayRead(file id: Int64, _ check: inout FileSystemCheck) throws -> Bool {
    guard let file = try store.file(id: id), let share = shares[file.share], check.allowsReading(file.attributes) else {
      return false
    }
    if check.seesEverything { return true }
    guard let root = share.root, case .readable = check.ask(root, file.path) else { return false }
    return true
  }

  private static func mean(of rows: Matrix) -> [Float]? {
    guard rows.rows > 0 else { return nil }
    var sum = [Float](repeating: 0, count: rows.columns)
    for row in 0..<rows.rows { for (column, value) in rows.row(row).enumerated() { sum[column] += value } }
    let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 0 ? sum.map { $0 / norm } : nil
  }

  // MARK: Ranking

  private struct Ranked {
    var candidates: [Candidate]
    /// Whether a larger count would bring nothing more.
    var isExhausted: Bool
    /// Whether there are passages of a model that is open and that the query was not encoded with.
    var lacksVector: Bool
  }

  /// One model's rows as one scan saw them: rows may be packed at any later moment.
  private struct Scanned {
    let model: SHA256Digest
    let projector: ProjectorInForce?
    /// The query in the space that cosines are of; nil where there is none for this model.
    var query: [Float]?
    let passageIDs: [Int64]
    /// Nil: all.
    let allowed: [UInt64]?
    var hits: [Hit] = []

    struct Hit {
      let passage: Int64
      let vector: Int64
      var score: Float
      /// Its wide code, where that is in memory.
      let wide: [UInt8]?
    }

    var allowedCount: Int { allowed?.reduce(0) { $0 + $1.nonzeroBitCount } ?? passageIDs.count }

    func allows(_ passage: Int64) -> Bool {
      guard let row = ModelRows.row(of: passage, in: passageIDs) else { return false }
      return allowed.map { $0[row / 64] & (1 << UInt64(row % 64)) != 0 } ?? true
    }
  }

  private func rank(
    _ request: SearchRequest, _ probe: Probe, for caller: FileSystemCheck.Caller, count: Int,
    into result: inout SearchResult
  ) throws -> Ranked {
    let clock = ContinuousClock()
    var parts: [Scanned] = []
    var fileIDs: [Int64: Int64] = [:]
    let filter = FileFilterByEntry(request, shares: shares, excludedFile: probe.excludedFile)
    let scan = live.read { live in
      clock.measure {
        let chosen = filter.isSelective ? files(live, caller, filter) : nil
        parts = live.parts.map { part in
          let allowed = chosen.map(part.rows(ofFiles:)) ?? views.rows(of: part, live, for: caller)
          return self.scan(part, allowed: allowed, by: probe.vectors[part.model], count: count)
        }
        for (part, rows) in zip(parts, live.parts) {
          for hit in part.hits {
            guard let row = rows.row(of: hit.passage) else { continue }
            fileIDs[hit.passage] = live.files[Int(rows.fileSlots[row])]?.id
          }
        }
      }
    }
    result.times.scan = (result.times.scan ?? .zero) + scan
    var exhausted = parts.allSatisfy { $0.hits.count < count }
    var keyword: [Int64: Double] = [:]
    if request.mode != .semantic, let words = probe.words {
      var matches: [KeywordMatch] = []
      let time = try clock.measure {
        let statistics: KeywordStatistics =
          caller.seesEverything
          ? .ofAll : .ofAllowed(passages: parts.reduce(0) { $0 + $1.allowedCount })
        matches = try store.keywordMatches(words, limit: count, statistics: statistics) { passage in
          parts.contains { $0.allows(passage) }
        }
      }
      result.times.keyword = (result.times.keyword ?? .zero) + time
      exhausted = exhausted && matches.count < count
      live.read { live in
        for match in matches {
          keyword[match.passageID] = match.bm25
          guard fileIDs[match.passageID] == nil else { continue }
          for rows in live.parts {
            guard let row = rows.row(of: match.passageID) else { continue }
            fileIDs[match.passageID] = live.files[Int(rows.fileSlots[row])]?.id
            // Its score follows below, as that of all others.
            guard let index = parts.firstIndex(where: { $0.model == rows.model && $0.query != nil }) else { continue }
            parts[index].hits.append(
              Scanned.Hit(
                passage: match.passageID, vector: rows.vectorIDs[row], score: -1, wide: rows.wideCodes?.code(at: row)))
          }
        }
      }
    }
    let time = try clock.measure {
      for index in parts.indices { try rescore(&parts[index]) }
    }
    if !probe.vectors.isEmpty { result.times.rescore = (result.times.rescore ?? .zero) + time }
    let lacksVector =
      !probe.vectors.isEmpty
      && parts.contains { $0.query == nil && $0.allowedCount > 0 && models[$0.model] != nil }
    let reference = parts.filter { $0.query != nil }.max { $0.allowedCount < $1.allowedCount }
    result.projector = (reference ?? parts.first)?.projector?.row
    return Ranked(
      candidates: try fuse(parts, reference: reference, keyword, fileIDs, request), isExhausted: exhausted,
      lacksVector: lacksVector)
  }

  private func scan(_ part: ModelRows, allowed: [UInt64]?, by vector: [Float]?, count: Int) -> Scanned {
    var scanned = Scanned(
      model: part.model, projector: part.projector, passageIDs: part.passageIDs, allowed: allowed)
    guard let vector else { return scanned }
    let codeQuery: CodeQuery
    if let stages = part.projector?.stages {
      let projected = stages.scanned.project(query: vector)
      scanned.query = stages.wide?.project(query: vector) ?? projected
      codeQuery = stages.scanned.quantizer.query(projected)
    } else {
      scanned.query = vector
      codeQuery = CodeQuery(source: vector)
    }
    let team = part.passageIDs.count >= Self.sharedRows ? team : nil
    let rows =
      allowed.map { bits in
        bits.withUnsafeBufferPointer {
          topRows(codeQuery, in: part.codes, allowed: $0.baseAddress, count: count, team: team)
        }
      } ?? topRows(codeQuery, in: part.codes, count: count, team: team)
    scanned.hits = rows.map { found in
      let row = Int(found.row)
      return Scanned.Hit(
        passage: part.passageIDs[row], vector: part.vectorIDs[row], score: found.score,
        wide: part.wideCodes?.code(at: row))
    }
    return scanned
  }

  /// Puts cosines in place of the scanned codes' scores: those of the wide codes, or, where there are none, of the
  /// projector's float output of the source vectors, or of the source vectors themselves while no projector is in force.
  private func rescore(_ part: inout Scanned) throws {
    guard let query = part.query, !part.hits.isEmpty else { return }
    if let inForce = part.projector, let wide = inForce.stages.wide {
      var codes = part.hits.map(\.wide)
      let missing = part.hits.indices.filter { codes[$0] == nil }
      if !missing.isEmpty {
        let stored = try wideCodes(of: missing.map { part.hits[$0].vector }, by: inForce, wide.format.bytesPerCode)
        for (index, code) in zip(missing, stored) { codes[index] = code }
      }
      let known = codes.indices.filter { codes[$0] != nil }
      let block = CodeBlock(format: wide.format, capacity: known.count)
      for index in known { block.append(codes[index]!) }
      for (index, score) in zip(known, block.scores(wide.quantizer.query(query))) { part.hits[index].score = score }
      // The rest had its codes taken away, by another projector that came into force meanwhile.
      if known.count < codes.count { try rescore(&part, codes.indices.filter { codes[$0] == nil }, query) }
    } else {
      try rescore(&part, Array(part.hits.indices), query)
    }
  }

  /// Those that the store has, each the last `width` bytes of what is stored; nil in place of the others.
  private func wideCodes(of vectors: [Int64], by projector: ProjectorInForce, _ width: Int) throws -> [[UInt8]?] {
    let parts = vectors.count >= Self.sharedCodes ? team.threads : 1
    // By ascending id: neighbours share pages.
    let order = vectors.indices.sorted { vectors[$0] < vectors[$1] }
    let read = Mutex<(codes: [[UInt8]?], failure: (any Error)?)>((Array(repeating: nil, count: vectors.count), nil))
    team.forEach(parts) { [store] part in
      let own = order[order.count * part / parts..<order.count * (part + 1) / parts]
      let result = Result {
        var codes: [(place: Int, code: [UInt8])] = []
        try store.forEachCode(of: own.map { vectors[$0] }, projector: projector.row.id) { place, code in
          guard code.count == projector.stages.bytesPerRow else { return }
          codes.append((own[own.startIndex + place], Array(code.suffix(width))))
        }
        return codes
      }
      read.withLock { read in
        switch result {
        case .success(let codes): for (place, code) in codes { read.codes[place] = code }
        case .failure(let error): read.failure = error
        }
      }
    }
    return try read.withLock { read in
      if let failure = read.failure { throw failure }
      return read.codes
    }
  }

  /// Puts cosines of source vectors, as the projector that ranks has them, in place of the scores of some hits.
  private func rescore(_ part: inout Scanned, _ hits: [Int], _ query: [Float]) throws {
    let ids = Array(Set(hits.map { part.hits[$0].vector }))
    let stored = try store.sourceVectors(ids)
    let vectors = ids.compactMap { stored[$0] }
    guard !vectors.isEmpty else { return }
    let source = SourceVectors.matrix(of: vectors)
    let rows = part.projector?.ranking.projector.project(source) ?? source
    var scores: [Int64: Float] = [:]
    for (row, vector) in vectors.enumerated() {
      scores[vector.id] = zip(rows.row(row), query).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for index in hits { part.hits[index].score = scores[part.hits[index].vector] ?? part.hits[index].score }
  }

  /// All parts' hits in one ranking, on the scale of `reference`.
  private func fuse(
    _ parts: [Scanned], reference: Scanned?, _ keyword: [Int64: Double], _ files: [Int64: Int64],
    _ request: SearchRequest
  ) throws -> [Candidate] {
    var candidates: [Candidate] = []
    var ranked = Set<Int64>()
    let isMerged = parts.count { $0.allowedCount > 0 } > 1
    let scale = isMerged ? try reference.flatMap(scale) : nil
    for part in parts where !part.hits.isEmpty {
      let own = scale == nil || part.model == reference?.model ? nil : try self.scale(of: part)
      for hit in part.hits {
        guard let file = files[hit.passage] else { continue }
        let cosine = Double(hit.score)
        let bm25 = keyword[hit.passage]
        let comparable = own.flatMap { own in scale?.score(of: cosine, on: own) } ?? cosine
        ranked.insert(hit.passage)
        candidates.append(
          Candidate(
            passage: hit.passage, file: file, model: part.model,
            score: ScoreFusion.score(cosine: comparable, bm25: bm25), semantic: cosine, keyword: bm25))
      }
    }
    // Found by words alone: nothing is ranked by meaning, or the query could not be encoded with their model.
    let isByMeaning = !candidates.isEmpty
    for (passage, bm25) in keyword where !ranked.contains(passage) {
      guard let file = files[passage] else { continue }
      let score = isByMeaning ? ScoreFusion.score(cosine: scale?.mean ?? 0, bm25: bm25) : bm25
      candidates.append(
        Candidate(passage: passage, file: file, model: nil, score: score, semantic: nil, keyword: bm25))
    }
    if let least = request.minimumScore { candidates.removeAll { $0.score < least } }
    return candidates.sorted { $0.score != $1.score ? $0.score > $1.score : $0.passage < $1.passage }
  }

  /// What cosines of no account are like for the query in a part's space; nil where its model is not open.
  private func scale(of part: Scanned) throws -> ScoreScale? {
    guard let query = part.query, let model = models[part.model] else { return nil }
    return try model.cohort.scale(of: query, by: part.projector)
  }

  // MARK: Hits

  /// The first `wanted` candidates that the file system, too, lets the caller read, one a file where so grouped.
  private func confirm(
    _ candidates: [Candidate], _ request: SearchRequest, _ check: inout FileSystemCheck, wanted: Int,
    result: inout SearchResult
  ) throws -> [FoundPassage] {
    var hits: [FoundPassage] = []
    var seen = Set<Int64>()
    var refused = Set<Int64>()
    var index = 0
    while hits.count < wanted && index < candidates.count {
      // Details by the handful: most candidates are never looked at.
      let some = candidates[index..<min(index + wanted + 8, candidates.count)]
      index += some.count
      let details = try store.passagesWithFiles(some.map(\.passage))
      for candidate in some where hits.count < wanted {
        if refused.contains(candidate.file) { continue }
        if request.grouping == .file, seen.contains(candidate.file) { continue }
        guard let (detail, file) = details[candidate.passage], file.id == candidate.file,
          let share = shares[file.share], check.allowsReading(file.attributes)
        else { continue }
        var attributes: FileAttributes?
        if let root = share.root {
          switch check.ask(root, file.path) {
          case .readable(let now): attributes = now
          case .unknown where check.seesEverything: break
          case .denied, .gone, .unknown:
            refused.insert(candidate.file)
            continue
          }
        } else {
          result.isPartial = true
          guard check.seesEverything else { continue }
        }
        let isStale = file.stale || attributes.map { !file.attributes.hasContent(of: $0) } ?? true
        guard try check.seesEverything || !isStale || isStillOpen(file, to: check.caller) else {
          refused.insert(candidate.file)
          continue
        }
        seen.insert(candidate.file)
        hits.append(
          FoundPassage(
            passage: detail, file: file, share: share.row, path: share.row.root.pushing(file.path),
            score: candidate.score, semanticScore: candidate.semantic, keywordScore: candidate.keyword, snippet: "",
            highlights: [], attributes: attributes, isStale: isStale, model: candidate.model))
      }
    }
    return hits
  }

  // MARK: Who may read what

  /// The files that the caller may read and that a request asks for, by slot.
  private func files(
    _ live: borrowing LiveIndex, _ caller: FileSystemCheck.Caller, _ filter: FileFilterByEntry
  ) -> [Bool] {
    var files = views.files(live, for: caller)
    for (slot, file) in live.files.enumerated() where files[slot] { files[slot] = file.map(filter.admits) ?? false }
    return files
  }

  /// Whether what was stored of a file may be shown although the file holds something else by now: the rights under which
  /// it was read are the ones that the index knows now, and they let the caller read it. Both of one state of the index,
  /// and of the row that was read with the text: else the file may have been read anew meanwhile, and the rights be those
  /// of another text.
  func isStillOpen(_ row: FileRow, to caller: FileSystemCheck.Caller) throws -> Bool {
    guard live.read({ live in live.isSettled(row.id) && live.isAmong(views.files(live, for: caller), row.id) }) else {
      return false
    }
    return try store.file(id: row.id) == row
  }

  /// Directories above the roots are not watched: asked again here, so that a change counts at once.
  func refreshAncestors(for caller: FileSystemCheck.Caller) {
    guard !caller.seesEverything else { return }
    for share in shares.all {
      let way = share.root.flatMap(ShareAncestors.rules)
      let isNew = live.read { !$0.isKnown(way: way, to: share.id) }
      if isNew { live.write { $0.setWay(way, to: share.id) } }
      for (path, attributes) in ShareAncestors.named(above: share.row.root) {
        let isNew = live.read { !$0.directories.isKnown(path, attributes) }
        if isNew { live.write { $0.setDirectory(path, attributes) } }
      }
    }
  }
}

/// The file-level conditions of a request.
private struct FileFilterByEntry {
  let request: SearchRequest
  let excludedFile: Int64?
  private let roots: [Int64: FilePath]

  init(_ request: SearchRequest, shares: ShareTable, excludedFile: Int64?) {
    self.request = request
    self.excludedFile = excludedFile
    roots = Dictionary(uniqueKeysWithValues: shares.all.map { ($0.id, $0.row.root) })
  }

  /// Whether any condition is set at all.
  var isSelective: Bool {
    excludedFile != nil || request.shares != nil || request.glob != nil || request.types != nil
      || request.modifiedAfter != nil || request.modifiedBefore != nil
  }

  func admits(_ file: LiveIndex.File) -> Bool {
    if file.id == excludedFile { return false }
    if let shares = request.shares, !shares.contains(file.share) { return false }
    if let types = request.types, !types.contains(file.type ?? "") { return false }
    if let after = request.modifiedAfter, file.modified < after { return false }
    if let before = request.modifiedBefore, file.modified >= before { return false }
    if let glob = request.glob {
      guard let root = roots[file.share] else { return false }
      return glob.matches(root.pushing(file.path))
    }
    return true
  }
}
