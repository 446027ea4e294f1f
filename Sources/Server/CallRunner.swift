import FumikuraProtocol
import LinuxSystem
import Logging
import Synchronization

/// Carries out calls on threads of their lane.
final class CallRunner: Sendable {
  private let service: any IndexService
  private let logger: Logger
  private let quick: WorkerThreads
  private let query: WorkerThreads
  private let waiting: WorkerThreads
  private let running = Atomic(0)

  init(service: any IndexService, configuration: ServerConfiguration, logger: Logger) {
    self.service = service
    self.logger = logger
    quick = WorkerThreads(name: "quick", count: 2, priority: .query)
    query = WorkerThreads(name: "query", count: configuration.queryThreads, priority: .query)
    waiting = WorkerThreads(name: "waiting", count: configuration.maximumWaiting, priority: .query)
  }

  /// Calls that have been taken and whose `done` has not returned.
  var callsInFlight: Int { running.load(ordering: .sequentiallyConsistent) }

  /// Takes the call; `done` comes on the call's thread, or at once for a reply that is ready.
  func run(
    _ call: PreparedCall, caller: Caller, done: @escaping @Sendable (Result<[UInt8], ServiceError>) -> Void
  ) {
    let threads: WorkerThreads
    switch call.lane {
    case .ready: return done(outcome(of: call, caller: caller))
    case .quick: threads = quick
    case .query: threads = query
    case .waiting: threads = waiting
    }
    running.add(1, ordering: .sequentiallyConsistent)
    threads.submit { [self] in
      done(caller.hasCancelled ? .failure(.cancelled) : outcome(of: call, caller: caller))
      running.subtract(1, ordering: .sequentiallyConsistent)
    }
  }

  func stop() {
    for threads in [quick, query, waiting] { threads.stop() }
  }

  private func outcome(of call: PreparedCall, caller: Caller) -> Result<[UInt8], ServiceError> {
    do {
      return .success(try call.run(service, caller))
    } catch let error as ServiceError {
      return .failure(error)
    } catch {
      logger.error("a call failed inside", metadata: ["method": "\(call.method)", "error": "\(error)"])
      return .failure(.internalError)
    }
  }
}
