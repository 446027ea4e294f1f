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
    package var counts: FileCounts
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

  /// The shares that a caller may know of: all, as their names and roots are configuration, not content.
  package func shareOverviews(for caller: FileSystemCheck.Caller) throws -> [ShareOverview] {
    let counts = try caller.seesEverything ? store.counts() : visibleCounts(for: caller)
    let watcher = running?.watcher
    return shares.all.map { share in
      let status = watcher?.status(of: share.id)
      return ShareOverview(
        row: share.row, isOffline: share.root == nil || status?.state == .offline,
        isWatching: status?.state == .watching, isBusy: ledger.count(share: share.id) > 0,
        problem: share.problem?.description ?? status?.advice, counts: counts[share.id] ?? FileCounts())
    }
  }

  /// Counts of the files that the caller may read, as far as the index knows.
  private func visibleCounts(for caller: FileSystemCheck.Caller) throws -> [Int64: FileCounts] {
    guard let running else { return [:] }
    running.searcher.refreshAncestors(for: caller)
    var counts: [Int64: FileCounts] = [:]
    live.read { live in
      let readable = running.searcher.readable(live, caller)
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
    while case .rows(let after) = place {
      let rows = try store.page(of: filter, after: after, limit: limit)
      for row in rows {
        place = .rows(after: row.id)
        if let file = overview(row, glob, &check) { found.append(file) }
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

  private func overview(_ row: FileRow, _ glob: PathGlob?, _ check: inout FileSystemCheck) -> FileOverview? {
    guard let share = shares[row.share] else { return nil }
    let path = share.row.root.pushing(row.path)
    guard glob?.matches(path) ?? true else { return nil }
    switch share.root.map({ check.ask($0, row.path) }) {
    case .readable(let attributes)?: return FileOverview(share: share.row, path: path, row: row, attributes: attributes)
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
    guard let (share, relative) = shares.locate(path) else { return .outside }
    var check = FileSystemCheck(for: caller)
    let row = try store.file(share: share.id, path: relative)
    switch share.root.map({ check.ask($0, relative) }) {
    case .readable?: break
    // Nobody but an administrator is told anything of a path that they cannot read.
    case .denied?, .gone?, .unknown?, nil: guard caller.seesEverything, row != nil else { return .unknown(share.row) }
    }
    if let row {
      return .known(share.row, row, try store.journal(share: share.id, path: relative, limit: 20))
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
    return try file(at: share.row.root.pushing(row.path), for: caller)
  }

  /// Ids of shares by name; throws the first name that is none.
  package func shareIDs(_ names: [String]?) throws(UnknownShare) -> Set<Int64>? {
    guard let names else { return nil }
    var ids = Set<Int64>()
    for name in names {
      guard let share = shares.named(name) else {
        throw UnknownShare(name: name, known: shares.all.map(\.row.name))
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
  package var projector: ProjectorRow? { live.read { $0.projector?.row } }
  /// The sum of the shares' epochs: goes up whenever any does.
  package var epoch: Int64 { shares.all.reduce(0) { $0 + $1.row.epoch } }
  package var allShares: Set<Int64> { Set(shares.all.map(\.id)) }

  /// What needs attention, in words.
  package var troubles: [String] {
    var result = running?.pipeline.trouble.withLock { $0 }.map { [$0] } ?? []
    for share in shares.all {
      if let problem = share.problem { result.append("share \(share.row.name) is offline: \(problem)") }
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
