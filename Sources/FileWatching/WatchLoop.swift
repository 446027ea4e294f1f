import Glibc
import LinuxSystem
import SystemPackage
import WatchFrames

/// The watching thread's state and its loop; `FileWatcher` is what others see of it.
///
/// Split by task: here the loop and what waits for it, `WatchLoop+Trees` for what is watched, `WatchLoop+Events` for what
/// happens. All of it runs on one thread.
final class WatchLoop {
  /// The id of the folder for cookies in the watch process.
  private static let cookieID: UInt32 = 0
  private static let slowestRestart = Duration.seconds(30)

  let settings: WatchSettings
  private let control: WatchControl
  private let deliver: @Sendable ([Hint]) -> Void
  private let clock = ContinuousClock()
  private let origin = ContinuousClock.now
  /// The time of this turn of the loop, since `origin`.
  var now = Duration.zero

  var process: WatchProcess?
  private var restartAt: Duration?
  private var restartDelay = Duration.milliseconds(100)
  private var processStartedAt = Duration.zero
  private var restarts = 0

  var trees: [Int64: ShareTree] = [:]
  var nodes: [UInt32: DirectoryNode] = [:]
  var nextID: UInt32 = 1
  /// Directories in turn to be watched and listed, with the job that each belongs to.
  var queue = WorkQueue()
  /// Directories that the watch process was asked to watch, by id.
  var asked: [UInt32: AskedDirectory] = [:]
  var jobs: [Int: WatchJob] = [:]
  var nextJob = 1

  var coalescer: EventCoalescer
  var pendingMoves: [PendingMove.Key: PendingMove] = [:]
  var nextMove = 0
  /// Hints that are due at once, in the order of their events.
  var outbox: [Hint] = []

  private var cookieDirectory: OwnedDescriptor?
  private var isCookieWatched = false
  private var tickets: [Int: Ticket] = [:]
  private var pollAt: Duration

  /// How far a `synchronize` has come.
  private enum Ticket {
    case needsCookie
    case awaitsCookie
    /// All events are handled; these jobs must end.
    case awaitsJobs(Set<Int>)
  }

  init(settings: WatchSettings, control: WatchControl, deliver: @escaping @Sendable ([Hint]) -> Void) {
    self.settings = settings
    self.control = control
    self.deliver = deliver
    coalescer = EventCoalescer(settle: settings.settle, maximumDelay: settings.maximumDelay)
    pollAt = settings.pollInterval
  }

  /// The thread's body.
  func run(_ shares: [ShareToWatch]) {
    control.update { $0.thread = pthread_self() }
    do throws(FileWatchingError) {
      try openCookieDirectory()
      do throws(LinuxError) { try startProcess() } catch { throw .program(error) }
      for share in shares { begin(share) }
      publish()
      while !control.update({ $0.mustStop }) { turn() }
    } catch {
      control.update { $0.start = .failure(error) }
    }
    endProcess()
    control.update { $0.hasEnded = true }
  }

  /// One turn: do what can be done, wait, take in what has come.
  private func turn() {
    pump()
    takeRequests()
    sendCookies()
    let finished = settle()
    publish()
    // Whoever waited finds the hints delivered, and the status as it is after them.
    for ticket in finished { answer(ticket, .success(())) }
    wait()
    now = origin.duration(to: clock.now)
    do throws(WatchFrameError) {
      if let process, try !process.read(handle) { lose(process) }
    } catch {
      // Not our program, or a broken one: its watches are worth nothing.
      if let process { lose(process) }
    }
    runTimers()
  }

  private func handle(_ report: WatchReport) {
    switch report {
    case .added(Self.cookieID): isCookieWatched = true
    case .failed(Self.cookieID, let code):
      let error = LinuxError(
        call: "inotify_add_watch", subject: settings.cookieDirectory.string, code: Errno(rawValue: CInt(code)))
      for ticket in tickets.keys { answer(ticket, .failure(.cookie(error))) }
    case .event(Self.cookieID, _, _, let name): cookieCame(name)
    case .added(let id): answered(id, refusal: nil)
    case .failed(let id, let code): answered(id, refusal: Errno(rawValue: CInt(code)))
    case .event(let id, let mask, let cookie, let name): eventCame(id, mask: mask, cookie: cookie, name: name)
    case .overflow: eventsWereLost()
    }
  }

  /// Waits for a report, a request, or the next time at which something is due.
  private func wait() {
    let times = [coalescer.nextCheck, pendingMoves.values.map(\.deadline).min(), restartAt, pollAt].compactMap { $0 }
    var timeout: CInt = 0
    // What is asked of a turn at once: more hints, or directories that had to wait for others.
    if outbox.isEmpty && !canPump {
      let left = max(.zero, times.min()! - origin.duration(to: clock.now)).components
      timeout = CInt(clamping: left.seconds * 1000 + (left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
    var waits = [
      pollfd(fd: control.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: process?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    poll(&waits, nfds_t(waits.count), timeout)
    if waits[0].revents != 0 { control.takeWakes() }
  }

  private func runTimers() {
    now = origin.duration(to: clock.now)
    expireMoves { $0.deadline <= now }
    if let time = restartAt, time <= now { restart() }
    if pollAt <= now {
      pollAt = now + settings.pollInterval
      pollRefused()
    }
  }

  // MARK: Delivery

  /// Delivers what is due, and returns the tickets that are thereby served.
  private func settle() -> [Int] {
    var finished: [Int] = []
    for case (let ticket, .awaitsJobs(let numbers)) in tickets where numbers.isEmpty { finished.append(ticket) }
    outbox += finished.isEmpty ? coalescer.takeDue(at: now) : coalescer.takeAll()
    // A root that is held open tells of its own deletion only once it is closed, and of its unmounting perhaps never: what
    // was deleted with it must not be taken for deleted. So nothing is said of a share that is not at its place.
    let concerned = finished.isEmpty ? Set(outbox.map(\.share)) : Set(trees.keys)
    for share in concerned {
      if let tree = trees[share], tree.root != nil, !tree.isAtItsPlace { takeOffline(tree) }
    }
    if !outbox.isEmpty {
      let hints = outbox
      outbox = []
      deliver(hints)
    }
    return finished
  }

  func jobEnded(_ number: Int, followedBy successor: Int?) {
    for case (let ticket, .awaitsJobs(var numbers)) in tickets where numbers.contains(number) {
      numbers.remove(number)
      if let successor { numbers.insert(successor) }
      tickets[ticket] = .awaitsJobs(numbers)
    }
  }

  // MARK: Requests from other threads

  private func takeRequests() {
    let (shares, newTickets) = control.update { state in
      defer {
        state.newShares = []
        state.newTickets = []
      }
      return (state.newShares, state.newTickets)
    }
    for share in shares { begin(share) }
    for ticket in newTickets { tickets[ticket] = .needsCookie }
    if !shares.isEmpty { pump() }
  }

  private func answer(_ ticket: Int, _ result: Result<Void, FileWatchingError>) {
    tickets[ticket] = nil
    // Whoever asked may have given up.
    control.update { if $0.answers[ticket] != nil { $0.answers[ticket] = .some(result) } }
  }

  private func openCookieDirectory() throws(FileWatchingError) {
    let opened = settings.cookieDirectory.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard opened >= 0 else { throw .cookie(LinuxError(call: "open", subject: settings.cookieDirectory.string)) }
    cookieDirectory = OwnedDescriptor(opened)
  }

  private func cookieName(_ ticket: Int) -> String { "watch-cookie-\(getpid())-\(ticket)" }

  private func sendCookies() {
    guard isCookieWatched, process != nil, let directory = cookieDirectory?.rawValue else { return }
    for case (let ticket, .needsCookie) in tickets {
      let name = cookieName(ticket)
      // Closing what was open for writing is an event, also where a file of that name was left by a crash.
      let file = openat(directory, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
      guard file >= 0 else {
        answer(ticket, .failure(.cookie(LinuxError(call: "open", subject: "\(settings.cookieDirectory)/\(name)"))))
        continue
      }
      close(file)
      unlinkat(directory, name, 0)
      tickets[ticket] = .awaitsCookie
    }
  }

  private func cookieCame(_ name: [UInt8]) {
    for case (let ticket, .awaitsCookie) in tickets where name.elementsEqual(cookieName(ticket).utf8) {
      // A rename that was done before the cookie was made has sent both its events before it.
      expireMoves { _ in true }
      tickets[ticket] = .awaitsJobs(Set(jobs.keys))
    }
  }

  /// Whatever was to prove that events have come is void.
  func renewCookies() {
    for ticket in tickets.keys {
      if case .awaitsCookie = tickets[ticket] { tickets[ticket] = .needsCookie }
    }
  }

  // MARK: The watch process

  private func startProcess() throws(LinuxError) {
    let process = try WatchProcess(program: settings.program, arguments: settings.arguments)
    self.process = process
    processStartedAt = now
    control.update { $0.process = process.id }
    // A copy of the borrowed descriptor goes along; ours stays.
    if cookieDirectory != nil { try process.add(Self.cookieID, directory: cookieDirectory!) }
  }

  private func endProcess() {
    guard let process else { return }
    // Not to be killed by its number any more, once it is waited for.
    control.update { $0.process = nil }
    process.end()
    self.process = nil
    isCookieWatched = false
  }

  /// It has ended: everything begun is void, and every event from now on is missed until it runs again.
  private func lose(_ process: WatchProcess) {
    endProcess()
    if now - processStartedAt > .seconds(60) { restartDelay = .milliseconds(100) }
    scheduleRestart()
    expireMoves { _ in true }
    for ticket in tickets.keys { tickets[ticket] = .needsCookie }
    forgetWatches()
  }

  private func scheduleRestart() {
    restartAt = now + restartDelay
    restartDelay = min(restartDelay * 2, Self.slowestRestart)
  }

  private func restart() {
    restartAt = nil
    restarts += 1
    do throws(LinuxError) {
      try startProcess()
    } catch {
      return scheduleRestart()
    }
    for tree in trees.values { watchAgain(tree) }
  }

  // MARK: Status

  private func publish() {
    let isRunning = process != nil
    var status: [Int64: WatchStatus] = [:]
    for (id, tree) in trees {
      status[id] = WatchStatus(
        state: tree.root == nil ? .offline : !isRunning ? .restarting : tree.isComplete ? .watching : .starting,
        watchedDirectories: tree.standing, unwatchedDirectories: tree.refused.count, advice: advice(tree),
        overflows: tree.overflows, restarts: restarts)
    }
    let isStarted = trees.values.allSatisfy { $0.root == nil || $0.isComplete }
    control.update { state in
      state.status = status
      // The rescans of the start have been delivered: this comes after `settle`.
      if isStarted && outbox.isEmpty && state.start == nil { state.start = .success(()) }
    }
  }

  private func advice(_ tree: ShareTree) -> String? {
    guard let first = tree.refused.values.first, case .refused(let code) = first.watch else { return nil }
    let count = tree.refused.count
    let which =
      "\(count) \(count == 1 ? "directory of share \(tree.share.name) is" : "directories of share \(tree.share.name) are")"
    let many = "\(which) not watched, and compared every \(settings.pollInterval) instead"
    if tree.refused.values.contains(where: { $0.watch == .refused(.noSpace) }) {
      if nodes.count > settings.watchBudget { return "\(many): raise watch_budget, which is \(settings.watchBudget)" }
      return "\(many): raise the limit, as by `sysctl fs.inotify.max_user_watches=\(max(524_288, nodes.count * 2))`"
    }
    return "\(many): \(code)"
  }
}
