import LinearAlgebra
import LinuxSystem
import PassageStore
import RateReduction
import SentenceEncoder
import Synchronization
import SystemPackage
import TextExtraction

/// Answers queries: encode, scan all codes that the caller may read, rescore, fuse with keywords, check each hit on the
/// file system, cut snippets.
///
/// What the caller may not read is left out *inside* the scan, so that a caller who may read one file in a thousand
/// still gets a full page of the best of those.
final class Searcher: Sendable {
  private let store: PassageStore
  private let live: ReadWriteLock<LiveIndex>
  private let shares: ShareTable
  private let encoder: any SentenceEncoder
  private let readable = Mutex<[FileSystemCheck.Caller: (generation: UInt64, files: [Bool])]>([:])

  /// Passages ranked before grouping and checking, at first; more where that leaves a page short.
  private static let firstCandidates = 256
  /// Callers whose readable files are remembered.
  private static let rememberedCallers = 64
  /// Hits whose snippet may be chosen by the encoder where no query word stands in the passage.
  private static let encodedSnippets = 3

  init(store: PassageStore, live: ReadWriteLock<LiveIndex>, shares: ShareTable, encoder: any SentenceEncoder) {
    self.store = store
    self.live = live
    self.shares = shares
    self.encoder = encoder
  }

  /// One passage on its way to being a hit.
  private struct Candidate {
    let passage: Int64
    let file: Int64
    var score: Double
    var semantic: Double?
    var keyword: Double?
  }

  /// What a query looks like to the scan.
  private struct Probe {
    /// Unit row of the encoder's width; nil in keyword mode.
    var vector: [Float]?
    var words: String?
    var excludedFile: Int64?
  }

  func search(_ request: SearchRequest, for caller: FileSystemCheck.Caller) throws -> SearchResult {
    let clock = ContinuousClock()
    let start = clock.now
    var result = SearchResult()
    var probe = Probe()
    result.times.encode = try clock.measure { probe = try self.probe(request) }
    refreshAncestors(for: caller)
    let wanted = request.offset + request.limit
    var check = FileSystemCheck(for: caller)
    if let subject = probe.excludedFile, try !mayRead(file: subject, &check) { return result }
    var count = max(Self.firstCandidates, wanted * 4)
    while true {
      let ranked = try rank(request, probe, for: caller, count: count, into: &result)
      let hits = try confirm(ranked.candidates, request, &check, wanted: wanted, result: &result)
      if hits.count >= wanted || ranked.isExhausted {
        let snippets = clock.measure {
          result.hits = Array(hits.dropFirst(request.offset).prefix(request.limit))
          cutSnippets(&result.hits, probe)
        }
        result.times.snippet = (result.times.snippet ?? .zero) + snippets
        result.times.total = clock.now - start
        return result
      }
      count *= 4
    }
  }

  private func probe(_ request: SearchRequest) throws -> Probe {
    switch request.subject {
    case .query(let text):
      return Probe(vector: request.mode == .keyword ? nil : try encoder.encode([text], as: .query).row(0), words: text)
    case .file(let id):
      let passages = try store.passages(ofFile: id)
      let vectors = try store.sourceVectors(passages.map(\.vectorID))
      let rows = passages.compactMap { vectors[$0.vectorID] }
      return Probe(vector: Self.mean(of: SourceVectors.matrix(of: rows)), excludedFile: id)
    case .passage(let id):
      guard let passage = try store.passages([id])[id] else { return Probe() }
      let vectors = try store.sourceVectors([passage.vectorID]).values
      return Probe(vector: Self.mean(of: SourceVectors.matrix(of: Array(vectors))), excludedFile: passage.fileID)
    }
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
  }

  private func rank(
    _ request: SearchRequest, _ probe: Probe, for caller: FileSystemCheck.Caller, count: Int,
    into result: inout SearchResult
  ) throws -> Ranked {
    let clock = ContinuousClock()
    var semantic: [(passage: Int64, vector: Int64, score: Float)] = []
    var files: [Int64: Int64] = [:]
    var exhausted = true
    var query: [Float]?
    var inForce: ProjectorInForce?
    // What the keyword ranking needs, taken together with the scan: rows may be packed at any later moment.
    var passageIDs: [Int64] = []
    var allowed: [UInt64]?
    let filter = FileFilterByEntry(request, shares: shares, excludedFile: probe.excludedFile)
    let wantsKeywords = request.mode != .semantic && probe.words != nil
    let scan = live.read { live in
      clock.measure {
        inForce = live.projector
        var readable = self.readable(live, caller)
        if filter.isSelective {
          for (slot, file) in live.files.enumerated() where readable[slot] {
            readable[slot] = file.map(filter.admits) ?? false
          }
        }
        let isEverything = caller.seesEverything && !filter.isSelective
        allowed = live.allowedRows(files: isEverything ? nil : readable)
        if let vector = probe.vector, request.mode != .keyword || probe.words == nil {
          let codeQuery: CodeQuery
          if let inForce {
            let projected = inForce.projector.project(Matrix(rows: 1, columns: vector.count, values: vector)).row(0)
            query = projected
            codeQuery = inForce.quantizer.query(projected)
          } else {
            codeQuery = CodeQuery(source: vector)
          }
          let rows =
            allowed.map { bits in
              bits.withUnsafeBufferPointer {
                topRows(codeQuery, in: live.codes, allowed: $0.baseAddress, count: count)
              }
            } ?? topRows(codeQuery, in: live.codes, count: count)
          exhausted = rows.count < count
          semantic = rows.map { hit in
            let row = Int(hit.row)
            let passage = live.passageIDs[row]
            files[passage] = live.files[Int(live.fileSlots[row])]?.id
            return (passage, live.vectorIDs[row], hit.score)
          }
        }
        if wantsKeywords { passageIDs = live.passageIDs }
      }
    }
    result.times.scan = (result.times.scan ?? .zero) + scan
    result.projector = inForce?.row
    var keyword: [Int64: Double] = [:]
    if wantsKeywords, let words = probe.words {
      var matches: [KeywordMatch] = []
      let time = try clock.measure {
        let statistics: KeywordStatistics =
          caller.seesEverything
          ? .ofAll : .ofAllowed(passages: allowed?.reduce(0) { $0 + $1.nonzeroBitCount } ?? passageIDs.count)
        matches = try store.keywordMatches(words, limit: count, statistics: statistics) { passage in
          guard let row = Self.row(of: passage, in: passageIDs) else { return false }
          return allowed.map { $0[row / 64] & (1 << UInt64(row % 64)) != 0 } ?? true
        }
      }
      result.times.keyword = (result.times.keyword ?? .zero) + time
      exhausted = exhausted && matches.count < count
      live.read { live in
        for match in matches {
          keyword[match.passageID] = match.bm25
          guard files[match.passageID] == nil, let row = live.row(of: match.passageID) else { continue }
          files[match.passageID] = live.files[Int(live.fileSlots[row])]?.id
          // Its score follows from its source vector, below.
          if probe.vector != nil { semantic.append((match.passageID, live.vectorIDs[row], -1)) }
        }
      }
    }
    if let vector = probe.vector {
      let time = try clock.measure { try rescore(&semantic, by: inForce, query: query ?? vector) }
      result.times.rescore = (result.times.rescore ?? .zero) + time
    }
    return Ranked(candidates: Self.fuse(semantic, keyword, files, request), isExhausted: exhausted)
  }

  /// Puts cosines in place of the codes' scores: of the projector's float output of the source vectors, or of the source
  /// vectors themselves while no projector is in force.
  private func rescore(
    _ hits: inout [(passage: Int64, vector: Int64, score: Float)], by inForce: ProjectorInForce?, query: [Float]
  ) throws {
    let ids = Array(Set(hits.map(\.vector)))
    let stored = try store.sourceVectors(ids)
    let vectors = ids.compactMap { stored[$0] }
    guard !vectors.isEmpty else { return }
    let source = SourceVectors.matrix(of: vectors)
    let rows = inForce?.projector.project(source) ?? source
    var scores: [Int64: Float] = [:]
    for (row, vector) in vectors.enumerated() {
      scores[vector.id] = zip(rows.row(row), query).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for index in hits.indices { hits[index].score = scores[hits[index].vector] ?? hits[index].score }
  }

  private static func fuse(
    _ semantic: [(passage: Int64, vector: Int64, score: Float)], _ keyword: [Int64: Double], _ files: [Int64: Int64],
    _ request: SearchRequest
  ) -> [Candidate] {
    var candidates: [Candidate]
    if semantic.isEmpty {
      candidates = keyword.compactMap { passage, bm25 in
        files[passage].map { Candidate(passage: passage, file: $0, score: bm25, semantic: nil, keyword: bm25) }
      }
    } else {
      candidates = semantic.compactMap { hit in
        let cosine = Double(hit.score)
        let bm25 = keyword[hit.passage]
        return files[hit.passage].map {
          Candidate(
            passage: hit.passage, file: $0, score: ScoreFusion.score(cosine: cosine, bm25: bm25), semantic: cosine,
            keyword: bm25)
        }
      }
    }
    if let least = request.minimumScore { candidates.removeAll { $0.score < least } }
    return candidates.sorted { $0.score != $1.score ? $0.score > $1.score : $0.passage < $1.passage }
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
      let details = try store.passages(some.map(\.passage))
      for candidate in some where hits.count < wanted {
        if refused.contains(candidate.file) { continue }
        if request.grouping == .file, seen.contains(candidate.file) { continue }
        // The file's row comes after the text: permissions are never older than what they protect.
        guard let detail = details[candidate.passage], let file = try store.file(id: candidate.file),
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
        guard check.seesEverything || !isStale || live.read({ $0.isSettled(candidate.file) }) else {
          refused.insert(candidate.file)
          continue
        }
        seen.insert(candidate.file)
        hits.append(
          FoundPassage(
            passage: detail, file: file, share: share.row, path: share.row.root.pushing(file.path),
            score: candidate.score, semanticScore: candidate.semantic, keywordScore: candidate.keyword, snippet: "",
            highlights: [], attributes: attributes, isStale: isStale))
      }
    }
    return hits
  }

  private func cutSnippets(_ hits: inout [FoundPassage], _ probe: Probe) {
    let cutter = SnippetCutter(words: QueryWords(probe.words ?? ""))
    var encoded = 0
    for index in hits.indices {
      let text = hits[index].passage.text
      let sentences = TextExtraction.sentences(of: text).map { text[$0] }
      var best = cutter.bestByWords(sentences)
      if best == nil, let vector = probe.vector, sentences.count > 1, encoded < Self.encodedSnippets {
        encoded += 1
        // A snippet is a courtesy: where the encoder fails here, the first sentence serves.
        if let rows = try? encoder.encode(sentences.prefix(16).map(String.init), as: .passage) {
          let scores = (0..<rows.rows).map { zip(rows.row($0), vector).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
          best = scores.indices.max { scores[$0] < scores[$1] }
        }
      }
      let snippet = cutter.cut(sentences, best: best ?? 0)
      hits[index].snippet = snippet.text
      hits[index].highlights = snippet.highlights
    }
  }

  // MARK: Who may read what

  /// Which files the caller may read, by slot, worked out anew only when something changed.
  func readable(_ live: borrowing LiveIndex, _ caller: FileSystemCheck.Caller) -> [Bool] {
    let generation = live.generation
    if let known = readable.withLock({ $0[caller] }), known.generation == generation { return known.files }
    let files = live.readableFiles(for: caller)
    readable.withLock { remembered in
      if remembered.count >= Self.rememberedCallers { remembered.removeAll() }
      remembered[caller] = (generation, files)
    }
    return files
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

  private static func row(of passage: Int64, in ids: [Int64]) -> Int? {
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < passage { low = middle + 1 } else { high = middle }
    }
    return low < ids.count && ids[low] == passage ? low : nil
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
