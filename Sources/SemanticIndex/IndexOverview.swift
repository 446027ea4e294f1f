import FileWatching
import Foundation
package import LinuxSystem
package import PassageStore
import Synchronization
package import SystemPackage

/// Looks at the index as a whole: what is where, for a caller, who sees only files that they may read.
extension SemanticIndex {
  /// One share as it stands.
  package struct ShareOverview: Sendable {
    package let row: ShareRow
    package let isOffline: Bool
    package let isWatching: Bool
    /// Whether crawls or jobs are outstanding.
    package let isBusy: Bool
    /// Why it is offline or not watched.
    package let problem: String?
    /// The name of the model that its passages are searched with; nil where none can be used.
    package let model: String?
    /// How far it is with another model.
    package let reencoding: Reencoded?
    package var counts: FileCounts
  }

  /// How far a share is that is encoded anew.
  package struct Reencoded: Sendable {
    /// The new model's name.
    package let model: String
    /// Passages.
    package let done: Int
    package let total: Int
  }

  /// A file, or a path that waits to be looked at.
  package struct FileOverview: Sendable {
    package let share: ShareRow
    /// Absolute.
    package let path: FilePath
    /// Nil: it waits, and nothing is known of it yet.
    package let row: FileRow?
    /// As they are now.
    package let attributes: FileAttributes?
  }

  /// The shares that a caller may know of: those whose root they can pass into, and such as are offline, of which that
  /// cannot be asked.
  package func shareOverviews(for caller: FileSystemCheck.Caller) throws -> [ShareOverview] {
    let counts = try caller.seesEverything ? store.counts() : visibleCounts(for: caller)
    let watcher = running?.watcher
    return knownShares(to: caller).map { share in
      let status = watcher?.status(of: share.id)
      // Problems name directories.
      let problem = (share.problem?.description ?? share.modelProblem ?? modelAdvice(share) ?? status?.advice).map {
        caller.seesEverything ? $0 : "something needs an administrator's attention"
      }
      return ShareOverview(
        row: share.row, isOffline: share.root == nil || status?.state == .offline,
        isWatching: status?.state == .watching, isBusy: ledger.count(share: share.id) > 0, problem: problem,
        model: (share.row.model.flatMap { models[$0] } ?? share.target)?.name,
        reencoding: caller.seesEverything ? reencoded(share) : nil, counts: counts[share.id] ?? FileCounts())
    }
  }

  private func reencoded(_ share: ShareTable.Share) -> Reencoded? {
    running?.reencoding.progress(of: share.id).map { Reencoded(model: $0.model, done: $0.done, total: $0.total) }
  }

  /// What to know of a share whose passages cannot all be compared with a query.
  private func modelAdvice(_ share: ShareTable.Share) -> String? {
    guard share.isChangingOver, let target = share.target, share.row.model.flatMap({ models[$0] }) == nil else {
      return nil
    }
    return
      "the model that it was encoded with is gone: what is not encoded anew with \(target.name) yet is found by its words alone"
  }

  private func knownShares(to caller: FileSystemCheck.Caller) -> [ShareTable.Share] {
    var check = FileSystemCheck(for: caller)
    return shares.all.filter { share in share.root.map { check.canEnter($0) } ?? true }
  }

  /// Counts of the files that the caller may read, as far as the index knows.
  private func visibleCounts(for caller: FileSystemCheck.Caller) throws -> [Int64: FileCounts] {
    guard let running else { return [:] }
    running.searcher.refreshAncestors(for: caller)
    var counts: [Int64: FileCounts] = [:]
    live.read { live in
      let readable = running.searcher.views.files(live, for: caller)
      for (slot, file) in live.files.enumerated() where readable[slot] {
        guard let file else { continue }
        counts[file.share, default: FileCounts()].add(file.state, passages: Int(file.passages))
      }
    }
    return counts
  }

  /// One page of the files that the caller may read: those that are known, by id, then the paths that wait.
  ///
  /// - Parameter cursor: what the page before gave; nil for the first.
  /// - Returns: at most `limit` files, and where the next page begins, nil after the last.
  package func files(
    _ filter: FileFilter, includesWaiting: Bool, glob: PathGlob?, after cursor: String?, limit: Int,
    for caller: FileSystemCheck.Caller
  ) throws -> (files: [FileOverview], next: String?) {
    var check = FileSystemCheck(for: caller)
    var found: [FileOverview] = []
    var place = try FileCursor(cursor)
    let isVisible = try visibility(for: caller)
    while case .rows(let after) = place {
      // Not so few at once as are asked for: most may be others' files.
      let rows = try store.page(of: filter, after: after, limit: max(limit, 500))
      for row in rows {
        place = .rows(after: row.id)
        guard isVisible(row) else { continue }
        if let file = try overview(row, glob, &check) { found.append(file) }
        if found.count == limit { return (found, place.description) }
      }
      if rows.isEmpty {
        guard includesWaiting else { return (found, nil) }
        place = .jobs(share: 0, after: nil)
      }
    }
    guard case .jobs(let firstShare, var after) = place else { return (found, nil) }
    for share in shares.all.sorted(by: { $0.id < $1.id }) where share.id >= firstShare {
      if share.id != firstShare { after = nil }
      guard filter.shares?.contains(share.id) ?? true else { continue }
      while true {
        let jobs = try store.pendingJobs(share: share.id, after: after, limit: limit)
        if jobs.isEmpty { break }
        for job in jobs {
          after = job.id
          if let file = try overview(job, share, glob, &check) { found.append(file) }
          if found.count == limit { return (found, FileCursor.jobs(share: share.id, after: after).description) }
        }
      }
    }
    return (found, nil)
  }

  /// Whether the index knows that the caller may read a file; the file system is asked after it. The rows of all the
  /// others need no look there, of which there may be a million.
  private func visibility(for caller: FileSystemCheck.Caller) throws -> (FileRow) -> Bool {
    guard !caller.seesEverything else { return { _ in true } }
    let searcher = try ready().searcher
    searcher.refreshAncestors(for: caller)
    let readable = live.read { (generation: $0.generation, files: searcher.views.files($0, for: caller)) }
    return { [live] row in
      live.read { live in
        // Slots are given to other files in time: what was worked out holds for the state that it was worked out from.
        let files = live.generation == readable.generation ? readable.files : searcher.views.files(live, for: caller)
        return live.isAmong(files, row.id)
      }
    }
  }

  private func overview(_ row: FileRow, _ glob: PathGlob?, _ check: inout FileSystemCheck) throws -> FileOverview? {
    guard let share = shares[row.share] else { return nil }
    let path = share.row.root.pushing(row.path)
    guard glob?.matches(path) ?? true, check.allowsReading(row.attributes) else { return nil }
    switch share.root.map({ check.ask($0, row.path) }) {
    case .readable(let attributes)?:
      guard try isTold(row, now: attributes, check) else { return nil }
      return FileOverview(share: share.row, path: path, row: row, attributes: attributes)
    case .denied?: return nil
    // Of what is not there now, or is no regular file, or is offline, only an administrator is told.
    case .gone?, .unknown?, nil:
      return check.seesEverything ? FileOverview(share: share.row, path: path, row: row, attributes: nil) : nil
    }
  }

  private func overview(
    _ job: Job, _ share: ShareTable.Share, _ glob: PathGlob?, _ check: inout FileSystemCheck
  ) throws -> FileOverview? {
    let path = share.row.root.pushing(job.path)
    guard glob?.matches(path) ?? true, let root = share.root,
      case .readable(let attributes) = check.ask(root, job.path),
      try store.file(share: share.id, path: job.path) == nil
    else { return nil }
    return FileOverview(share: share.row, path: path, row: nil, attributes: attributes)
  }

  /// Whether what the index knows of a file is for the caller, who may read it now: they could read it as it was, too.
  private func isTold(_ row: FileRow, now: FileAttributes, _ check: FileSystemCheck) throws -> Bool {
    try check.seesEverything
      || check.allowsReading(row.attributes)
        && (row.attributes.hasContent(of: now) || running?.searcher.isStillOpen(row, to: check.caller) ?? false)
  }

  /// What is known of one path.
  package enum PathOverview: Sendable {
    case outside
    /// Not there, not for this caller, or never seen.
    case unknown(ShareRow)
    case ignored(ShareRow)
    case waiting(ShareRow)
    case known(ShareRow, FileRow, [JournalEvent])
  }

  package func why(_ path: FilePath, for caller: FileSystemCheck.Caller) throws -> PathOverview {
    var check = FileSystemCheck(for: caller)
    guard let (share, relative) = shares.locate(path), share.root.map({ check.canEnter($0) }) ?? true else {
      return .outside
    }
    let row = try store.file(share: share.id, path: relative)
    switch share.root.map({ check.ask($0, relative) }) {
    case .readable(let now)?:
      // The file has been opened to them, and the index has not looked at it since.
      if let row, try !isTold(row, now: now, check) { return .waiting(share.row) }
    // Nobody but an administrator is told anything of a path that they cannot read.
    case .denied?, .gone?, .unknown?, nil: guard caller.seesEverything, row != nil else { return .unknown(share.row) }
    }
    if let row {
      var events = try store.journal(share: share.id, path: relative, limit: 20)
      // What was there before by this name need not have been theirs to read.
      if !caller.seesEverything { events.removeAll { $0.time < row.readAt } }
      return .known(share.row, row, events)
    }
    if share.ignore.ignores(relative, isDirectory: false) { return .ignored(share.row) }
    return ledger.isOpen(SyncLedger.Key(share: share.id, path: relative)) ? .waiting(share.row) : .unknown(share.row)
  }

  /// The file at an absolute path, for a caller who may read it; else nil, whatever the reason.
  package func file(at path: FilePath, for caller: FileSystemCheck.Caller) throws -> FileRow? {
    guard case .known(_, let row, _) = try why(path, for: caller) else { return nil }
    return row
  }

  /// The file of a passage, for a caller who may read it; else nil, whatever the reason.
  package func file(ofPassage id: Int64, for caller: FileSystemCheck.Caller) throws -> FileRow? {
    guard let passage = try store.passages([id])[id], let row = try store.file(id: passage.fileID),
      let share = shares[row.share]
    else { return nil }
    // By that name another file may be by now.
    guard let told = try file(at: share.row.root.pushing(row.path), for: caller), told.id == row.id else { return nil }
    return told
  }

  /// Ids of shares by name; throws the first name that is none that the caller may know of.
  package func shareIDs(_ names: [String]?, for caller: FileSystemCheck.Caller) throws(UnknownShare) -> Set<Int64>? {
    guard let names else { return nil }
    let known = knownShares(to: caller)
    var ids = Set<Int64>()
    for name in names {
      guard let share = known.first(where: { $0.row.name == name }) else {
        throw UnknownShare(name: name, known: known.map(\.row.name))
      }
      ids.insert(share.id)
    }
    return ids
  }

  package struct UnknownShare: Error {
    package let name: String
    package let known: [String]
  }

  /// Figures of the daemon as a whole, for administrators.
  package struct Counters: Sendable {
    package let pending: Int
    package let passagesEncoded: Int
    package let passagesReused: Int
  }

  package var counters: Counters {
    Counters(
      pending: ledger.count(), passagesEncoded: running?.pipeline.passagesEncoded.load(ordering: .relaxed) ?? 0,
      passagesReused: running?.pipeline.passagesReused.load(ordering: .relaxed) ?? 0)
  }

  package var training: TrainingProgress? { running?.lifecycle.progress }
  /// That of the model with the most passages.
  package var projector: ProjectorRow? { live.read { Self.largest($0)?.projector?.row } }
  /// The model with the most passages, of those that are open.
  package var modelName: String? { live.read { Self.largest($0)?.model }.flatMap { models[$0]?.name } }
  /// How each open model is computed on this processor, by name.
  package var encoders: [(model: String, path: String, reason: String)] { models.encoders }
  package func modelName(of hash: SHA256Digest) -> String? { models.name(of: hash) }
  private static func largest(_ live: borrowing LiveIndex) -> ModelRows? {
    live.parts.max { $0.liveCount < $1.liveCount }
  }
  /// The sum of the shares' epochs: goes up whenever any does.
  package var epoch: Int64 { shares.all.reduce(0) { $0 + $1.row.epoch } }
  package var allShares: Set<Int64> { Set(shares.all.map(\.id)) }

  /// What needs attention, in words.
  package var troubles: [String] {
    var result = running?.pipeline.trouble.withLock { $0 }.map { [$0] } ?? []
    for share in shares.all {
      if let problem = share.problem { result.append("share \(share.row.name) is offline: \(problem)") }
      if let problem = share.modelProblem ?? modelAdvice(share) {
        result.append("share \(share.row.name): \(problem)")
      }
      if let advice = running?.watcher.status(of: share.id).advice {
        result.append("share \(share.row.name): \(advice)")
      }
    }
    return result
  }
}

extension FileCounts {
  mutating func add(_ state: FileState, passages: Int) {
    switch state {
    case .indexed: indexed += 1
    case .skipped: skipped += 1
    case .failed: failed += 1
    case .quarantined: quarantined += 1
    }
    self.passages += passages
  }
}
