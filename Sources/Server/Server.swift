import Dispatch
import Foundation
import FumikuraProtocol
import Glibc
import LinuxSystem
package import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The daemon's door: a Unix stream socket on which clients call an `IndexService` in JSON-RPC 2.0, one object a line.
///
/// ```swift
/// let server = Server(configuration: ServerConfiguration(socket: .path("/run/fumikura/fumikura.sock")),
///   service: index, logger: logger)
/// try server.start()
/// // … until a signal says so:
/// server.shutdown()
/// ```
///
/// One thread accepts and reads credentials, one event loop carries bytes, and calls run on threads of their lane
/// (`Lane`). A server is started once and shut down once.
package final class Server: Sendable {
  private enum Phase {
    case new
    case listening(ListeningSocket, AcceptLoop)
    case ended
  }

  private let configuration: ServerConfiguration
  private let logger: Logger
  private let admission: Admission
  private let runner: CallRunner
  private let loops: MultiThreadedEventLoopGroup
  private let connections: NIOLoopBoundBox<[ObjectIdentifier: ConnectionHandler]>
  private let open = DispatchGroup()
  private let phase = Mutex(Phase.new)
  private let stopped = DispatchGroup()

  package init(configuration: ServerConfiguration, service: any IndexService, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    admission = Admission(configuration)
    runner = CallRunner(service: service, configuration: configuration, logger: logger)
    loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    connections = .makeBoxSendingValue([:], eventLoop: loops.next())
    stopped.enter()
  }

  /// Makes or takes over the socket and begins to answer. Returns once clients can connect.
  package func start() throws(ServerError) {
    // A client that goes away while it is written to is an error of that write, never the daemon's end.
    signal(SIGPIPE, SIG_IGN)
    try phase.withLock { phase throws(ServerError) in
      guard case .new = phase else { throw .alreadyStarted }
      let socket = try ListeningSocket(configuration.socket)
      let accepting: AcceptLoop
      do throws(LinuxError) {
        accepting = try AcceptLoop(listening: socket.descriptor.rawValue, logger: logger) { [weak self] in
          guard let self else { return _ = close($0) }
          accept($0, $1)
        }
      } catch {
        socket.removePath()
        throw .system(error)
      }
      accepting.start()
      phase = .listening(socket, accepting)
    }
  }

  /// Stops accepting, lets calls in flight finish within the deadline, and closes every connection. Blocks; safe to
  /// call more than once, but not from a call of the service.
  package func shutdown() {
    let wasListening = phase.withLock { phase in
      defer { phase = .ended }
      switch phase {
      case .new: return true
      case .listening(let socket, let accepting):
        accepting.stop()
        socket.removePath()
        return true
      case .ended: return false
      }
    }
    guard wasListening else { return stopped.wait() }
    let loop = loops.next()
    loop.execute { [connections] in
      for handler in connections.value.values { handler.drain() }
    }
    let seconds = configuration.drainDeadline / .seconds(1)
    if open.wait(timeout: .now() + seconds) == .timedOut {
      logger.warning("calls still run at the end", metadata: ["calls": "\(runner.callsInFlight)"])
      loop.execute { [connections] in
        for handler in connections.value.values { handler.abandon() }
      }
      open.wait()
    }
    runner.stop()
    // A thread that still computes will speak to the loop once more; then the loop is left to the process's end.
    if runner.callsInFlight == 0 {
      do {
        try loops.syncShutdownGracefully()
      } catch {
        logger.warning("the event loop did not end", metadata: ["error": "\(error)"])
      }
    }
    stopped.leave()
  }

  /// Connections that are open now.
  package var connectionCount: Int { admission.connections }

  private func accept(_ descriptor: CInt, _ credentials: Credentials) {
    let user = credentials.userID
    if let refusal = admission.enter(user: user) {
      let line = OutgoingMessage.error(.unknown, refusal) + [UInt8(ascii: "\n")]
      _ = line.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      close(descriptor)
      return
    }
    open.enter()
    let isAdministrator =
      user == 0 || configuration.administratorsGroupID.map { credentials.isMember(of: $0) } ?? false
    ClientBootstrap(group: loops)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = ConnectionHandler(
            credentials: credentials, isAdministrator: isAdministrator, configuration: configuration,
            admission: admission, runner: runner, logger: logger,
            ended: { [connections] in connections.value[ObjectIdentifier(channel)] = nil })
          connections.value[ObjectIdentifier(channel)] = handler
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .withConnectedSocket(descriptor)
      .flatMap { $0.closeFuture }
      .whenComplete { [admission, open] _ in
        admission.leave(user: user)
        open.leave()
      }
  }
}
