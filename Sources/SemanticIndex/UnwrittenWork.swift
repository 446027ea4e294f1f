import PassageStore

/// What the store could not take, as where its disk is full: kept here until it can, so that it is not forgotten. All of
/// it has open tickets in the ledger.
struct UnwrittenWork {
  private(set) var requests: [SyncLedger.Key: JobRequest] = [:]
  /// Jobs that were claimed and are to be put back, each with the time before which it is not to be claimed again.
  var claimed: [(job: Job, notBefore: Int64)] = []
  /// Crawls that did not come to their end.
  var crawls: Set<SyncLedger.Key> = []

  /// Paths kept at most, some hundred bytes each.
  static let capacity = 100_000

  var isEmpty: Bool { requests.isEmpty && claimed.isEmpty && crawls.isEmpty }

  /// Of two requests for one path, the stronger cause stays.
  mutating func add(_ new: some Sequence<JobRequest>) {
    for request in new {
      let key = SyncLedger.Key(share: request.share, path: request.path)
      if let known = requests[key], known.cause > request.cause { continue }
      requests[key] = request
    }
  }

  mutating func add(_ other: UnwrittenWork) {
    add(other.requests.values)
    claimed += other.claimed
    crawls.formUnion(other.crawls)
  }
}
