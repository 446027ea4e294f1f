import GRDB
package import SystemPackage

// The queue holds one job for each path that is to be looked at. The intent is committed before any work starts, and
// goes with the transaction that stores the outcome, so that a kill at any instant loses no path.

extension PassageStore {
  /// A path that is in the queue already gets a new generation, the stronger of the two causes and the earlier of the
  /// two times. Attempts start anew where the content changed or a person asks.
  package func enqueue(_ requests: [JobRequest]) throws(StoreError) {
    guard !requests.isEmpty else { return }
    try write { db in
      for request in requests { try Self.enqueue(request, db) }
    }
  }

  static func enqueue(_ request: JobRequest, attempts: Int = 0, _ db: Database) throws {
    do {
      try db.run(
        """
        INSERT INTO job(share, path, cause, urgent, not_before, attempts) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT(share, path) DO UPDATE SET
          generation = generation + 1,
          cause = max(cause, ?3),
          urgent = max(urgent, ?4),
          not_before = min(not_before, ?5),
          attempts = CASE WHEN ?7 THEN ?6 ELSE max(attempts, ?6) END
        """,
        [
          request.share, request.path.blob, request.cause.rawValue, request.cause.isUrgent, request.notBefore, attempts,
          request.cause >= .content,
        ])
    } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
      throw StoreError.unknownShare(request.share)
    }
  }

  /// Up to `limit` jobs that are due at `now`, those first that somebody may be waiting for, then by their time. They
  /// are not claimed again before they are finished or requeued, even where a newer event comes.
  package func claimJobs(limit: Int, now: Int64) throws(StoreError) -> [Job] {
    guard limit > 0 else { return [] }
    return try write { db in
      var jobs: [Job] = []
      for urgent in [true, false] where jobs.count < limit {
        jobs += try db.rows(
          """
          SELECT \(StoredColumns.job) FROM job WHERE claimed = 0 AND urgent = ? AND not_before <= ?
          ORDER BY not_before, id LIMIT ?
          """, [urgent, now, limit - jobs.count], StoredColumns.job)
      }
      for job in jobs { try db.run("UPDATE job SET claimed = 1 WHERE id = ?", [job.id]) }
      return jobs
    }
  }

  /// To be called before extraction starts, so that a file that ends the daemon is counted. Returns how many attempts
  /// have been started for this content, with this one.
  @discardableResult
  package func recordAttempt(_ job: Job) throws(StoreError) -> Int {
    try write { db in
      try db.run("UPDATE job SET attempts = attempts + 1 WHERE id = ?", [job.id])
      return try db.row("SELECT attempts FROM job WHERE id = ?", [job.id]) { $0[0] as Int } ?? job.attempts + 1
    }
  }

  /// Takes back an attempt that came to no end because the daemon was asked to stop, which is not the file's fault.
  package func forgetAttempt(_ job: Job) throws(StoreError) {
    try write { db in try db.run("UPDATE job SET attempts = max(0, attempts - 1) WHERE id = ?", [job.id]) }
  }

  /// Removes the job, or leaves it to be done again where a newer event came. False: it was left.
  @discardableResult
  package func finish(_ job: Job) throws(StoreError) -> Bool {
    try write { db in try Self.finish(job, db) }
  }

  @discardableResult
  static func finish(_ job: Job?, _ db: Database) throws -> Bool {
    guard let job else { return true }
    try db.run("DELETE FROM job WHERE id = ? AND generation = ?", [job.id, job.generation])
    if db.changesCount > 0 { return true }
    try db.run("UPDATE job SET claimed = 0 WHERE id = ?", [job.id])
    return db.changesCount == 0
  }

  /// Puts a claimed job back; a newer event's time is kept where it is earlier.
  package func requeue(_ job: Job, notBefore: Int64) throws(StoreError) {
    try write { db in
      try db.run(
        """
        UPDATE job SET claimed = 0,
          not_before = CASE WHEN generation = ?2 THEN ?3 ELSE min(not_before, ?3) END
        WHERE id = ?1
        """, [job.id, job.generation, notBefore])
    }
  }

  /// Whether the path is to be looked at.
  package func isQueued(share: Int64, path: FilePath) throws(StoreError) -> Bool {
    try read { db in
      try db.row("SELECT 1 FROM job WHERE share = ? AND path = ?", [share, path.blob]) { _ in true } ?? false
    }
  }

  package func pendingJobs() throws(StoreError) -> Int {
    try read { db in try db.row("SELECT coalesce(sum(jobs), 0) FROM tally") { $0[0] as Int } ?? 0 }
  }

  package func pendingJobs(share: Int64) throws(StoreError) -> Int {
    try read { db in try db.row("SELECT jobs FROM tally WHERE share = ?", [share]) { $0[0] as Int } ?? 0 }
  }

  /// Pending paths for people to look at, claimed or not, by ascending job id after `cursor`.
  package func pendingJobs(share: Int64, after cursor: Int64?, limit: Int) throws(StoreError) -> [Job] {
    try read { db in
      try db.rows(
        "SELECT \(StoredColumns.job) FROM job WHERE share = ? AND id > ? ORDER BY id LIMIT ?",
        [share, cursor ?? 0, max(0, limit)], StoredColumns.job)
    }
  }

  /// The earliest time at which an unclaimed job may be claimed; nil where there is none.
  package func nextJobTime() throws(StoreError) -> Int64? {
    try read { db in
      try db.row(
        """
        SELECT min(not_before) FROM (
          SELECT min(not_before) AS not_before FROM job WHERE claimed = 0 AND urgent = 1
          UNION ALL SELECT min(not_before) FROM job WHERE claimed = 0 AND urgent = 0)
        """
      ) { $0[0] as Int64? } ?? nil
    }
  }

  /// At start: what was claimed when the daemon ended may be claimed again.
  package func resetClaims() throws(StoreError) {
    try write { db in try db.run("UPDATE job SET claimed = 0 WHERE claimed = 1") }
  }
}
