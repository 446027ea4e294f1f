import FileWatching
import Foundation
import LinuxSystem
import SystemPackage

/// A share under watch, with what was delivered of it. Nothing settles by itself, unless asked for: `synchronize` brings it.
final class WatchedShare: Sendable {
  let share: TemporaryShare
  let root: ShareRoot
  let collector = HintCollector()
  let watcher: FileWatcher
  private let cookies: TemporaryShare

  init(
    _ share: TemporaryShare? = nil, settle: Duration = .seconds(3600), maximumDelay: Duration = .seconds(7200),
    ignore: IgnoreRules = .standard, moveGrace: Duration = .seconds(3600), pollInterval: Duration = .seconds(3600),
    watchBudget: Int = .max, watchProgram: FilePath? = nil, watchArguments: [String] = [],
    further: [ShareToWatch] = [], deliver: (@Sendable ([Hint]) -> Void)? = nil
  ) throws {
    self.share = try share ?? TemporaryShare()
    root = try self.share.open()
    cookies = try TemporaryShare()
    let collector = collector
    watcher = try FileWatcher(
      watchProgram: watchProgram ?? WatchProgram.path(),
      shares: [ShareToWatch(id: 1, name: "documents", root: root)] + further,
      settle: settle, maximumDelay: maximumDelay, cookieDirectory: cookies.path, ignore: ignore, moveGrace: moveGrace,
      pollInterval: pollInterval, watchBudget: watchBudget, watchArguments: watchArguments
    ) { hints in
      deliver?(hints)
      collector.take(hints)
    }
    try watcher.start()
  }

  deinit { watcher.stop() }

  var status: WatchStatus { watcher.status(of: 1) }

  /// What was delivered by the time that everything until now has been.
  func hints() throws -> [Hint] {
    try watcher.synchronize()
    return collector.all()
  }
}

/// Short names for the hints of share 1.
func look(_ path: FilePath, content: Bool = true) -> Hint { .look(share: 1, path: path, contentEvent: content) }
func rescan(_ path: FilePath, _ reason: RescanReason) -> Hint { .rescan(share: 1, under: path, reason: reason) }
func moved(_ from: FilePath, _ to: FilePath, directory: Bool = false) -> Hint {
  .moved(share: 1, from: from, to: to, directory: directory)
}
