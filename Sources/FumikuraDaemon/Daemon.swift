package import Configuration
import Foundation
import Glibc
import LinuxSystem
package import Logging
package import SemanticIndex
import Server
package import SystemPackage

/// The daemon as a whole: configuration, index, server, signals and the service manager.
package struct Daemon {
  private let configurationFile: FilePath
  private let configuration: DaemonConfiguration
  private let programs: SemanticIndex.Programs
  private let logger: Logger

  /// - Parameter programs: where `fumikura-watch` and `fumikura-extract` are.
  package init(
    configurationFile: FilePath, configuration: DaemonConfiguration, programs: SemanticIndex.Programs, logger: Logger
  ) {
    self.configurationFile = configurationFile
    self.configuration = configuration
    self.programs = programs
    self.logger = logger
  }

  /// Serves until SIGTERM or SIGINT. SIGHUP reads the configuration again. Must be called from the main thread before
  /// any other thread is made: signals are blocked here so that every thread inherits that.
  package func run() throws -> Never {
    HeapMemory.useFewArenas()
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)

    let models =
      configuration.shares.isEmpty
      ? [configuration.daemon.modelFile] : configuration.shares.map(configuration.modelFile)
    // A share whose model alone is missing says so; without any there is nothing to do.
    guard models.contains(where: { access($0.string, R_OK) == 0 }) else { throw DaemonError.noModel(models[0]) }
    let index = try SemanticIndex(configuration: configuration, programs: programs, logger: logger)
    let service = IndexServing(index: index, configurationFile: configurationFile)
    let serving = try serverConfiguration()
    let server = Server(configuration: serving, service: service, logger: logger)
    try server.start()
    // A socket that was passed has the mode that whoever made it gave it.
    if case .path(let path, groupID: nil) = serving.socket {
      // Anyone may ask: each finds only what they may read.
      guard chmod(path.string, 0o666) == 0 else { throw LinuxError(call: "chmod", subject: path.string) }
    }
    let starter = WorkerThreads(name: "start", count: 1, priority: .query)
    starter.submit { [logger] in
      index.start()
      if case .failed(let why) = index.state {
        ServiceManager.notify("STATUS=\(why)")
        // The main thread waits for signals: this one ends it with an error.
        logger.critical("\(why)")
        _exit(EXIT_FAILURE)
      }
      ServiceManager.notify("STATUS=Watching \(index.allShares.count) shares")
    }
    starter.submit { ServiceManager.notify("READY=1") }
    startWatchdog(service)
    logger.notice("fumikurad \(FumikuraVersion.current) serves \(configuration.daemon.socket)")

    while true {
      var number: CInt = 0
      guard sigwait(&signals, &number) == 0 else { continue }
      if number == SIGHUP {
        ServiceManager.notify("RELOADING=1\nMONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1000)")
        do {
          let (changed, needsRestart) = try service.reload()
          logger.notice("reloaded: changed \(changed), needs a restart \(needsRestart)")
        } catch {
          logger.error("the configuration was not reloaded: \(error)")
        }
        ServiceManager.notify("READY=1")
        continue
      }
      break
    }
    logger.notice("stopping")
    ServiceManager.notify("STOPPING=1")
    server.shutdown()
    index.stop()
    starter.stop()
    // A thread may still train or answer: nothing that it reads may be freed under it, neither by us nor by the
    // destructors of libraries, which `exit` would run.
    withExtendedLifetime((index, server, service)) { _exit(EXIT_SUCCESS) }
  }

  private func serverConfiguration() throws -> ServerConfiguration {
    let socket: ServerConfiguration.Socket
    if let inherited = try ServiceManager.listeningSocket() {
      socket = .inherited(inherited)
    } else {
      let group = try configuration.daemon.socketGroup.map { name in
        guard let id = AccountDatabase.groupID(of: name) else { throw DaemonError.noGroup(name) }
        return id
      }
      socket = .path(configuration.daemon.socket, groupID: group)
    }
    var result = ServerConfiguration(
      socket: socket, administratorsGroupID: AccountDatabase.groupID(of: configuration.daemon.adminGroup))
    let limits = configuration.limits
    result.maximumConnections = limits.connections
    result.maximumConnectionsPerUser = limits.connectionsPerUser
    result.maximumRequests = limits.requestsInFlight
    result.maximumRequestsPerUser = limits.requestsPerUser
    result.maximumRequestsPerConnection = limits.requestsPerConnection
    result.maximumWaiting = limits.waiting
    result.maximumWaitingPerUser = limits.waitingPerUser
    result.maximumBufferedBytes = limits.buffered
    result.maximumUnsentBytes = limits.unsent
    result.readingDeadline = limits.readingDeadline
    result.lineDeadline = limits.halfLine
    return result
  }

  /// Tells the manager that the daemon lives, as long as it answers `health` and its store.
  private func startWatchdog(_ service: IndexServing) {
    guard let interval = ServiceManager.watchdogMicroseconds else { return }
    let thread = Thread {
      while true {
        if service.isAlive { ServiceManager.notify("WATCHDOG=1") }
        usleep(UInt32(min(interval / 3, 60_000_000)))
      }
    }
    thread.name = "watchdog"
    thread.start()
  }
}

/// Why the daemon cannot begin.
package enum DaemonError: Error, CustomStringConvertible {
  case noModel(FilePath)
  case noGroup(String)

  package var description: String {
    switch self {
    case .noModel(let path):
      """
      there is no model at \(path). Get it with: scripts/fetch-model all-MiniLM-L6-v2 \
      \(path.removingLastComponent()), or import a folder of your own with: fumi model import DIR
      """
    case .noGroup(let name): "socket_group is \"\(name)\", and no group has that name"
    }
  }
}
