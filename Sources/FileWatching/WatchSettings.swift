import SystemPackage

/// What a `FileWatcher` was made with; see its initialiser.
struct WatchSettings: Sendable {
  let program: FilePath
  let arguments: [String]
  let settle: Duration
  let maximumDelay: Duration
  let cookieDirectory: FilePath
  let ignore: IgnoreRules
  let moveGrace: Duration
  let pollInterval: Duration
  let watchBudget: Int
}
