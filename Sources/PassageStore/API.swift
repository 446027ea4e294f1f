package import LinuxSystem
package import SystemPackage

// The bodies follow in the next commits.

extension PassageStore {
  /// Makes the share known, or brings its root and device up to date: a root that changed raises the epoch.
  package func register(share name: String, root: FilePath, device: UInt64) throws(StoreError) -> ShareRow {
    fatalError()
  }
  package func shares() throws(StoreError) -> [ShareRow] { fatalError() }
  package func raiseEpoch(of share: Int64) throws(StoreError) -> Int64 { fatalError() }
  /// Forgets the share with all its files, jobs and directories.
  package func removeShare(_ share: Int64) throws(StoreError) { fatalError() }

  package func putDirectories(_ rows: [DirectoryRow]) throws(StoreError) { fatalError() }
  package func directories() throws(StoreError) -> [DirectoryRow] { fatalError() }
  /// `path` is absolute; it goes too.
  package func removeDirectories(under path: FilePath) throws(StoreError) { fatalError() }

  package func file(share: Int64, path: FilePath) throws(StoreError) -> FileRow? { fatalError() }
  package func file(id: Int64) throws(StoreError) -> FileRow? { fatalError() }
  /// Sorted by the bytes of the path; `under` itself is included where it is a file; empty: all of the share.
  package func files(share: Int64, under: FilePath) throws(StoreError) -> [FileRow] { fatalError() }
  /// By ascending id, those after `cursor`; the last row's id is the next cursor.
  package func page(of filter: FileFilter, after cursor: Int64?, limit: Int) throws(StoreError) -> [FileRow] {
    fatalError()
  }
  package func counts() throws(StoreError) -> [Int64: FileCounts] { fatalError() }

  package func enqueue(_ requests: [JobRequest]) throws(StoreError) { fatalError() }
  package func claimJobs(limit: Int, now: Int64) throws(StoreError) -> [Job] { fatalError() }
  /// Before extraction starts. Returns how many have been started for this content, with this one.
  @discardableResult package func recordAttempt(_ job: Job) throws(StoreError) -> Int { fatalError() }
  /// Removes the job, or leaves it to be done again where a newer event came. False: it was left.
  @discardableResult package func finish(_ job: Job) throws(StoreError) -> Bool { fatalError() }
  package func requeue(_ job: Job, notBefore: Int64) throws(StoreError) { fatalError() }
  package func pendingJobs() throws(StoreError) -> Int { fatalError() }
  package func pendingJobs(share: Int64) throws(StoreError) -> Int { fatalError() }
  /// The earliest time at which an unclaimed job may be claimed; nil where there is none.
  package func nextJobTime() throws(StoreError) -> Int64? { fatalError() }
  /// Waiting paths for people to look at, by ascending job id after `cursor`, claimed or not.
  package func pendingJobs(share: Int64, after cursor: Int64?, limit: Int) throws(StoreError) -> [Job] { fatalError() }
  /// At start: what was claimed when the daemon died may be claimed again.
  package func resetClaims() throws(StoreError) { fatalError() }

  /// Stores a file's passages in one transaction, and finishes the job in it. Throws `missingVectors` where a passage's
  /// vector is neither given nor stored (it may have been collected since `known` was asked): nothing is kept then.
  package func commit(_ file: IndexedFile, finishing job: Job?) throws(StoreError) -> CommittedFile { fatalError() }
  /// Its passages, if it had any, go.
  package func record(outcome: FileOutcome, finishing job: Job?) throws(StoreError) -> CommittedFile { fatalError() }
  /// Nil where the store does not know the file (the job is finished all the same).
  package func update(attributes: FileAttributes, share: Int64, path: FilePath, finishing job: Job?) throws(StoreError)
    -> FileRow?
  { fatalError() }
  package func remove(share: Int64, path: FilePath, finishing job: Job?) throws(StoreError) -> CommittedFile? {
    fatalError()
  }
  /// Removes what is at or below `path`, files and directories.
  package func removeAll(share: Int64, under path: FilePath) throws(StoreError) -> RemovedFiles { fatalError() }
  /// Renames in one transaction, replacing what was at the target. What is pending below `from` is pending at both.
  package func move(share: Int64, from: FilePath, to: FilePath, directory: Bool) throws(StoreError) -> MovedFiles {
    fatalError()
  }

  package func known(_ keys: [SHA256Digest]) throws(StoreError) -> [SHA256Digest: StoredVector] { fatalError() }
  package func sourceVectors(_ vectorIDs: [Int64]) throws(StoreError) -> [Int64: StoredVector] { fatalError() }
  /// A random choice, the same for the same seed and content, of those that passages use; nil model: any.
  package func sampleVectors(limit: Int, seed: UInt64, model: SHA256Digest?) throws(StoreError) -> [StoredVector] {
    fatalError()
  }
  package func forEachVector(batch: Int, model: SHA256Digest?, _ body: ([StoredVector]) throws -> Void) throws {
    fatalError()
  }
  /// Deletes up to `limit` vectors that no passage uses. Returns how many.
  package func collectUnusedVectors(limit: Int) throws(StoreError) -> Int { fatalError() }

  package func insertProjector(_ projector: NewProjector) throws(StoreError) -> ProjectorRow { fatalError() }
  package func projectors() throws(StoreError) -> [ProjectorRow] { fatalError() }
  package func activeProjector() throws(StoreError) -> ProjectorRow? { fatalError() }
  package func encodedProjector(_ id: Int64) throws(StoreError) -> EncodedProjector { fatalError() }
  package func setState(of projector: Int64, to state: ProjectorState, reason: String?) throws(StoreError)
    -> ProjectorRow
  { fatalError() }
  /// JSON.
  package func setProfile(of projector: Int64, to profile: String) throws(StoreError) -> ProjectorRow { fatalError() }
  /// One transaction: the one before becomes `retired`.
  package func activate(_ projector: Int64) throws(StoreError) -> ProjectorRow { fatalError() }
  package func putCodes(projector: Int64, _ codes: [(vectorID: Int64, bytes: [UInt8])]) throws(StoreError) {
    fatalError()
  }
  /// Of the projector's model, used by passages, by ascending id.
  package func vectorsWithoutCode(projector: Int64, limit: Int) throws(StoreError) -> [StoredVector] { fatalError() }
  package func dropCodes(projector: Int64) throws(StoreError) { fatalError() }

  /// Every passage that has a code of the projector (nil: every passage, with its source vector), by ascending id.
  package func loadPassages(projector: Int64?, _ body: (LoadedPassage) throws -> Void) throws { fatalError() }
  package func loadFiles(_ body: (LoadedFile) throws -> Void) throws { fatalError() }

  package func passages(_ ids: [Int64]) throws(StoreError) -> [Int64: PassageDetail] { fatalError() }
  /// In the document's order.
  package func passages(ofFile file: Int64) throws(StoreError) -> [PassageDetail] { fatalError() }
  package func keywordMatches(_ query: String, limit: Int, allowed: (Int64) -> Bool) throws(StoreError)
    -> [KeywordMatch]
  { fatalError() }

  package func randomPassages(limit: Int, seed: UInt64) throws(StoreError) -> [PassageDetail] { fatalError() }
  package func journal(_ events: [JournalEvent]) throws(StoreError) { fatalError() }
  /// Newest first.
  package func journal(share: Int64?, path: FilePath?, limit: Int) throws(StoreError) -> [JournalEvent] { fatalError() }
  package func record(metric name: String, value: Double, at time: Int64) throws(StoreError) { fatalError() }
  /// Oldest first.
  package func metric(_ name: String, since time: Int64) throws(StoreError) -> [(time: Int64, value: Double)] {
    fatalError()
  }
  package func setting(_ key: String) throws(StoreError) -> String? { fatalError() }
  /// Nil removes it.
  package func set(_ key: String, to value: String?) throws(StoreError) { fatalError() }

  package func backup(to target: FilePath) throws(StoreError) { fatalError() }
  /// Projectors, settings and the journal as files, which `restoreIrreplaceable` reads into a fresh store.
  package func exportIrreplaceable(to directory: FilePath) throws(StoreError) { fatalError() }
  package func restoreIrreplaceable(from directory: FilePath) throws(StoreError) { fatalError() }
  /// The index as sorted text lines that two stores of the same files have in common.
  package func snapshotForComparison() throws(StoreError) -> [String] { fatalError() }
  /// What is wrong, in words; empty where all is well.
  package func verify() throws(StoreError) -> [String] { fatalError() }
}
