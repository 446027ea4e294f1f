import Foundation
import Glibc
import LinuxSystem
package import SystemPackage

/// Watches shares through `fumikura-watch`, and turns what happens into hints.
///
/// ```swift
/// let watcher = try FileWatcher(watchProgram: program, shares: [share], cookieDirectory: state) { hints in
///   queue.write(hints)
/// }
/// try watcher.start()         // returns once every directory is watched
/// try watcher.synchronize()   // returns once everything that happened before has been delivered
/// ```
///
/// What it promises: for whatever happens to a path while its share is watched, a hint that names the path, or a
/// directory above it, is delivered afterwards. It keeps the promise by these rules.
/// - A directory is watched first and listed then; a `rescan` follows once all of it is watched, for the files that came
///   before the watch.
/// - Directories are known by device and inode and opened beneath the share's root. Whenever an event speaks of one, what
///   is there now is looked at, and what no longer fits is watched anew: late events cannot leave it with a wrong path.
/// - Where events may have been lost, everything is watched and listed again, and rescanned.
///
/// Hints are delivered by one thread, in order, and one call at a time; meanwhile no events are handled, so `deliver` should
/// write them down and return. It must not call `synchronize` or `stop`, which wait for that thread.
///
/// Costs: one thread, one process, and for each directory about 300 bytes here, 150 there and 1 kB in the kernel; setting
/// a watch takes about 70 µs, and a `synchronize` of a quiet share .2 ms.
package final class FileWatcher: Sendable {
  private let settings: WatchSettings
  private let shares: [ShareToWatch]
  private let control: WatchControl
  private let deliver: @Sendable ([Hint]) -> Void

  /// - Parameters:
  ///   - watchProgram: the `fumikura-watch` to run.
  ///   - settle: how long a path must be quiet before it is looked at.
  ///   - maximumDelay: how long at most after its first event.
  ///   - cookieDirectory: a folder of ours in which `synchronize` may make files; not in a share.
  ///   - ignore: for shares that say nothing else.
  ///   - moveGrace: how long a path that was moved away may take to arrive elsewhere before it counts as gone.
  ///   - pollInterval: how often directories that cannot be watched are tried and rescanned.
  ///   - watchBudget: how many directories to watch at most; the others are polled.
  ///   - watchArguments: further arguments of the program.
  ///   - deliver: takes hints, never none.
  package init(
    watchProgram: FilePath, shares: [ShareToWatch], settle: Duration = .milliseconds(300),
    maximumDelay: Duration = .seconds(5), cookieDirectory: FilePath, ignore: IgnoreRules = .standard,
    moveGrace: Duration = .milliseconds(200), pollInterval: Duration = .seconds(600), watchBudget: Int = .max,
    watchArguments: [String] = [], deliver: @escaping @Sendable ([Hint]) -> Void
  ) throws {
    settings = WatchSettings(
      program: watchProgram, arguments: watchArguments, settle: settle, maximumDelay: maximumDelay,
      cookieDirectory: cookieDirectory, ignore: ignore, moveGrace: moveGrace, pollInterval: pollInterval,
      watchBudget: watchBudget)
    self.shares = shares
    self.deliver = deliver
    control = try WatchControl()
  }

  deinit { stop() }

  /// Starts the watch process and watches every directory of every share; once one is fully watched, delivers
  /// `rescan(share, root, .start)`. Blocks until that has been done for all of them that are not offline. To be called once.
  package func start() throws {
    let (settings, shares, control, deliver) = (settings, shares, control, deliver)
    let thread = Thread {
      WatchLoop(settings: settings, control: control, deliver: deliver).run(shares)
    }
    thread.name = "file-watcher"
    thread.stackSize = 2 << 20
    control.update { $0.hasBegun = true }
    thread.start()
    let outcome = control.wait { state in
      state.start ?? (state.hasEnded ? .failure(.notRunning) : nil)
    }
    try outcome?.get()
  }

  /// Watches another share, or one whose root has come back, in place of what was watched under its id. Does not wait:
  /// `rescan(share, root, .start)` tells when it is watched.
  package func watch(_ share: ShareToWatch) {
    control.update { $0.newShares.append(share) }
    control.wake()
  }

  /// Blocks until every event that happened before the call has been delivered, whatever is still settling.
  ///
  /// A cookie, made in a folder that the same inotify instance watches, comes back behind everything that happened
  /// before it. Trees that are still being watched by then are waited for.
  package func synchronize(within limit: Duration = .seconds(60)) throws(FileWatchingError) {
    let ticket: Int? = control.update { state in
      guard state.start != nil, !state.hasEnded, !state.mustStop else { return nil }
      state.nextTicket += 1
      state.newTickets.append(state.nextTicket)
      state.answers[state.nextTicket] = .some(nil)
      return state.nextTicket
    }
    guard let ticket else { throw .notRunning }
    control.wake()
    let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) * 1e-18
    let answer = control.wait(until: Date(timeIntervalSinceNow: seconds)) { state in
      state.answers[ticket] ?? (state.hasEnded ? .failure(.notRunning) : nil)
    }
    control.update { _ = $0.answers.removeValue(forKey: ticket) }
    guard let answer else { throw .notSynchronized(after: limit) }
    try answer.get()
  }

  package func status(of share: Int64) -> WatchStatus {
    control.update { state in
      var status =
        state.status[share]
        ?? WatchStatus(
          state: .starting, watchedDirectories: 0, unwatchedDirectories: 0, advice: nil, overflows: 0, restarts: 0)
      if state.hasEnded { status.state = .stopped }
      return status
    }
  }

  /// The running watch process; nil while there is none.
  package var watchProcessID: Int32? { control.update { $0.process } }

  /// Ends the watch process and the thread; what is pending is not delivered. Safe to call more than once.
  package func stop() {
    let isRunning = control.update { state in
      state.mustStop = true
      // It may be stopped or stuck, and the thread be waiting for it.
      if let process = state.process { kill(process, SIGKILL) }
      // The last reference may go on the watching thread itself, with a closure that held it: then there is no waiting.
      let isOurself = state.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false
      return state.hasBegun && !state.hasEnded && !isOurself
    }
    control.wake()
    guard isRunning else { return }
    _ = control.wait { $0.hasEnded ? true : nil }
  }
}
