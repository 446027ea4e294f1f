import Dispatch
import Foundation
import Glibc
package import LinuxSystem
import Synchronization
package import SystemPackage

/// Turns files into text in processes of their own, so that a file that breaks its reader breaks nothing else.
///
/// Each worker (`fumikura-extract`) serves one file at a time and is confined before the first: no capability, no new
/// privileges, no descriptor but its socket and the file, an unprivileged user where the daemon is root, bounded memory.
/// One that misses the deadline, dies or talks nonsense is killed, its file fails with the reason, and the next file
/// gets a new one. Workers start when they are needed and are replaced after some hundred files or when they have
/// grown. Safe to use from many threads; `extract` blocks, so call it on threads of our own.
///
///     let pool = ExtractionPool(worker: "/usr/libexec/fumikura-extract", workers: 2, deadline: .seconds(10),
///       memoryLimit: 512 << 20)
///     switch pool.extract(descriptor, name: "report.pdf") {
///     case .text(let text): …
///     case .skipped(let reason, _), .failed(let reason, _): …
///     }
package final class ExtractionPool: Sendable {
  private struct State {
    /// Waiting for a file, the last used last.
    var idle: [WorkerProcess] = []
    /// With a file.
    var running: [ObjectIdentifier: WorkerProcess] = [:]
    /// Calls of `extract` that have a place, with a worker or about to have one.
    var busy = 0
    var stopped = false
  }
  // A condition variable of Foundation beside plain state: both are touched under its lock only.
  private final class Shared: @unchecked Sendable {
    let condition = NSCondition()
    var state = State()
  }

  private let shared = Shared()
  private let program: FilePath
  private let arguments: [String]
  private let workers: Int
  private let deadline: Duration
  private let maximumFileSize: Int64
  private let filesPerWorker: UInt64
  private let residentLimit: Int
  /// All workers are forked here: this thread lives as long as the pool does.
  private let starter = WorkerThreads(name: "extraction-starter", count: 1, priority: .query)

  /// - Parameters:
  ///   - worker: the program `fumikura-extract`.
  ///   - workers: how many files are read at once, at most.
  ///   - deadline: wall-clock time a file may take. At four fifths of it the worker is asked to reply with what it has.
  ///   - memoryLimit: bytes that a worker may allocate beyond what it holds when it starts.
  ///   - maximumFileSize: bytes; a larger file is skipped as `too-big` without being read.
  ///   - filesPerWorker: after so many files a worker is replaced.
  ///   - arguments: more arguments for the worker; only tests give any.
  package init(
    worker: FilePath, workers: Int, deadline: Duration, memoryLimit: Int, maximumFileSize: Int64 = 256 << 20,
    filesPerWorker: Int = 500, arguments: [String] = []
  ) {
    precondition(workers > 0 && filesPerWorker > 0 && memoryLimit > 0, "a pool needs a worker, files and memory")
    program = worker
    self.workers = workers
    self.deadline = deadline
    self.maximumFileSize = maximumFileSize
    self.filesPerWorker = UInt64(filesPerWorker)
    residentLimit = max(memoryLimit / 3, 64 << 20)
    self.arguments = ["--memory", "\(memoryLimit)"] + arguments
  }

  deinit {
    stop()
  }

  /// Reads one open file, which `name` (a path or its last component) only helps to recognise. The descriptor's offset
  /// is not used. Blocks until the outcome is there: never longer than the deadline, beside the wait for a free worker
  /// and the start of one.
  package func extract(_ descriptor: borrowing OwnedDescriptor, name: FilePath) -> ExtractionOutcome {
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0 else {
      return .failed(reason: "unavailable", detail: "\(LinuxError(call: "fstat", subject: "the file"))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return .skipped(reason: "not-regular", detail: nil) }
    if status.st_size == 0 { return .skipped(reason: "empty", detail: nil) }
    if Int64(status.st_size) > maximumFileSize {
      return .skipped(reason: "too-big", detail: "\(status.st_size) bytes, at most \(maximumFileSize) are read")
    }
    guard takePlace() else { return Self.stopped }
    let bytes = Array((name.lastComponent?.string ?? "").utf8.prefix(255))
    // A worker that died while idle (killed from outside) is no fault of this file: once more, with a new one.
    for _ in 0..<2 {
      let worker: WorkerProcess
      do throws(WorkerProcess.Failure) {
        worker = try takeWorker()
      } catch {
        leavePlace(nil)
        if case .unavailable(let why) = error { return .failed(reason: "unavailable", detail: why) }
        return .failed(reason: "unavailable", detail: "\(error)")
      }
      guard enter(worker) else {
        worker.terminate()
        leavePlace(nil)
        return Self.stopped
      }
      guard worker.isIdle else {
        worker.terminate()
        leave(worker)
        continue
      }
      let outcome = extract(descriptor.rawValue, name: bytes, with: worker)
      leave(worker)
      let fit = worker.isIdle && worker.filesServed < filesPerWorker && worker.residentBytes < residentLimit
      if !fit { worker.terminate() }
      leavePlace(fit ? worker : nil)
      return outcome
    }
    leavePlace(nil)
    return .failed(reason: "unavailable", detail: "workers end before they are given a file")
  }

  /// Kills and reaps all workers and waits until every call of `extract` has returned; those in progress, and all later
  /// ones, get `failed: unavailable`.
  package func stop() {
    let ended = shared.condition.withLock {
      shared.state.stopped = true
      let all = shared.state.idle + shared.state.running.values
      shared.state.idle = []
      shared.condition.broadcast()
      return all
    }
    for worker in ended { worker.terminate() }
    shared.condition.withLock {
      while shared.state.busy > 0 { shared.condition.wait() }
    }
    starter.stop()
  }

  /// The workers' process ids: of those with a file and those without.
  package var processIdentifiers: [CInt] {
    shared.condition.withLock { (shared.state.idle + shared.state.running.values).map(\.identifier) }
  }

  private static let stopped = ExtractionOutcome.failed(reason: "unavailable", detail: "the pool was stopped")

  private func extract(_ descriptor: CInt, name: [UInt8], with worker: WorkerProcess) -> ExtractionOutcome {
    let soft = UInt32(clamping: (deadline * 4 / 5).milliseconds)
    do throws(WorkerProcess.Failure) {
      return try worker.extract(descriptor, name: name, deadline: .now + deadline, milliseconds: soft)
    } catch {
      let status = worker.terminate()
      if shared.condition.withLock({ shared.state.stopped }) { return Self.stopped }
      switch error {
      case .deadline: return .failed(reason: "deadline", detail: "no reply within \(deadline)")
      case .malformed(let what): return .failed(reason: "crash", detail: "the worker sent \(what)")
      case .unavailable(let why): return .failed(reason: "unavailable", detail: why)
      case .ended:
        // Nobody but the kernel's out-of-memory killer sends SIGKILL to a worker that we did not give up.
        let exhausted =
          WorkerProcess.signal(of: status) == SIGKILL || status == ExtractionMessage.memoryExitStatus << 8
        return .failed(reason: exhausted ? "memory" : "crash", detail: WorkerProcess.describe(status))
      }
    }
  }

  /// Waits for one of the places, as many as there are workers; false where the pool is stopped.
  private func takePlace() -> Bool {
    shared.condition.withLock {
      while shared.state.busy >= workers && !shared.state.stopped { shared.condition.wait() }
      guard !shared.state.stopped else { return false }
      shared.state.busy += 1
      return true
    }
  }

  /// Gives the place back, with a worker that can serve again.
  private func leavePlace(_ worker: WorkerProcess?) {
    let late: WorkerProcess? = shared.condition.withLock {
      shared.state.busy -= 1
      shared.condition.broadcast()
      guard let worker, !shared.state.stopped else { return worker }
      shared.state.idle.append(worker)
      return nil
    }
    late?.terminate()
  }

  private func enter(_ worker: WorkerProcess) -> Bool {
    shared.condition.withLock {
      guard !shared.state.stopped else { return false }
      shared.state.running[ObjectIdentifier(worker)] = worker
      return true
    }
  }

  private func leave(_ worker: WorkerProcess) {
    shared.condition.withLock { shared.state.running[ObjectIdentifier(worker)] = nil }
  }

  private func takeWorker() throws(WorkerProcess.Failure) -> WorkerProcess {
    if let idle = shared.condition.withLock({ shared.state.idle.popLast() }) { return idle }
    let start = Start()
    let (program, arguments) = (program, arguments)
    starter.submit {
      let result = Result { () throws(WorkerProcess.Failure) in
        try WorkerProcess(program: program, arguments: arguments, patience: Self.startPatience)
      }
      start.result.withLock { $0 = result }
      start.done.signal()
    }
    start.done.wait()
    return try start.result.withLock { $0! }.get()
  }

  /// How long a worker may take to load and confine itself, on a machine with better things to do.
  private static let startPatience = Duration.seconds(30)

  private final class Start: Sendable {
    let done = DispatchSemaphore(value: 0)
    let result = Mutex<Result<WorkerProcess, WorkerProcess.Failure>?>(nil)
  }
}
