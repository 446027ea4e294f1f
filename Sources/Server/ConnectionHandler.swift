import FumikuraProtocol
import LinuxSystem
import Logging
import NIOCore
import Synchronization

/// Carries out a session's actions on its channel. Everything in it happens on the channel's event loop.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let credentials: Credentials
  private let isAdministrator: Bool
  private let configuration: ServerConfiguration
  private let admission: Admission
  private let runner: CallRunner
  private let logger: Logger
  private let ended: () -> Void

  private var session: Session
  private var context: ChannelHandlerContext?
  private var flags: [Session.Ticket: CancelFlag] = [:]
  private var lineTimer: Scheduled<Void>?
  private var readingTimer: Scheduled<Void>?
  /// Bytes written whose writing has not ended, and all that were ever written.
  private var unsentBytes = 0
  private var writtenBytes = 0
  private var countedUnfinished = 0
  private var closesWhenSent = false
  private var isReadPending = false

  /// - Parameter ended: called once, when the connection is gone.
  init(
    credentials: Credentials, isAdministrator: Bool, configuration: ServerConfiguration, admission: Admission,
    runner: CallRunner, logger: Logger, ended: @escaping () -> Void
  ) {
    self.credentials = credentials
    self.isAdministrator = isAdministrator
    self.configuration = configuration
    self.admission = admission
    self.runner = runner
    self.logger = logger
    self.ended = ended
    session = Session(
      isAdministrator: isAdministrator, maximumInFlight: configuration.maximumRequestsPerConnection)
  }

  /// Finishes what is in flight, then closes.
  func drain() { perform(session.drain()) }

  /// Closes at once.
  func abandon() { context?.close(promise: nil) }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    perform(session.received(Array(unwrapInboundIn(data).readableBytesView)))
    countUnfinished()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
    perform(session.inputEnded())
    countUnfinished()
  }

  func channelInactive(context: ChannelHandlerContext) {
    lineTimer?.cancel()
    readingTimer?.cancel()
    perform(session.connectionLost())
    countUnfinished()
    ended()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    logger.debug("a connection failed", metadata: ["error": "\(error)"])
    context.close(promise: nil)
  }

  /// Reading waits while the client leaves replies unread, so that it cannot make us hold more of them.
  func read(context: ChannelHandlerContext) {
    if context.channel.isWritable && !closesWhenSent { context.read() } else { isReadPending = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard isReadPending, context.channel.isWritable, !closesWhenSent else { return }
    isReadPending = false
    context.read()
  }

  private func perform(_ actions: [Session.Action]) {
    var hasWritten = false
    for action in actions {
      switch action {
      case .run(let ticket, let call): run(ticket, call)
      case .cancel(let ticket): flags[ticket]?.set()
      case .send(let bytes): hasWritten = send(bytes) || hasWritten
      case .lineBegan: startLineTimer()
      case .lineEnded:
        lineTimer?.cancel()
        lineTimer = nil
      case .close:
        closesWhenSent = true
        if unsentBytes == 0 { context?.close(promise: nil) }
      }
    }
    if hasWritten { context?.flush() }
  }

  private func run(_ ticket: Session.Ticket, _ call: PreparedCall) {
    guard let context else { return }
    let user = credentials.userID
    if let refusal = admission.begin(call.lane, user: user) {
      return perform(session.finished(ticket, .failure(refusal)))
    }
    let flag = CancelFlag()
    flags[ticket] = flag
    let loop = context.eventLoop
    let handler = NIOLoopBound(self, eventLoop: loop)
    let clock = ReportClock()
    let wantsProgress = call.wantsProgress
    let caller = Caller(
      credentials: credentials, isAdministrator: isAdministrator, cancelled: { flag.isSet },
      progress: { fraction, message in
        guard wantsProgress, clock.isDue(every: .milliseconds(200)) else { return }
        loop.execute { handler.value.progressed(ticket, fraction, message) }
      })
    runner.run(call, caller: caller) { [admission, lane = call.lane] outcome in
      admission.end(lane, user: user)
      if loop.inEventLoop {
        handler.value.finished(ticket, outcome)
      } else {
        loop.execute { handler.value.finished(ticket, outcome) }
      }
    }
  }

  private func finished(_ ticket: Session.Ticket, _ outcome: Result<[UInt8], ServiceError>) {
    flags[ticket] = nil
    perform(session.finished(ticket, outcome))
  }

  private func progressed(_ ticket: Session.Ticket, _ fraction: Double?, _ message: String?) {
    // Of a client that does not read, news is the first thing to leave out.
    guard unsentBytes < 1 << 16 else { return }
    perform(session.progressed(ticket, fraction: fraction, message: message))
  }

  /// False where the client is dropped instead.
  private func send(_ bytes: [UInt8]) -> Bool {
    guard let context, context.channel.isActive else { return false }
    guard unsentBytes == 0 || unsentBytes + bytes.count <= configuration.maximumUnsentBytes else {
      drop("it does not read: \(unsentBytes) bytes are unsent")
      return false
    }
    let hasRoom = admission.buffer(bytes.count, in: .unsentReplies, user: credentials.userID)
    unsentBytes += bytes.count
    writtenBytes += bytes.count
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    let count = bytes.count
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.whenComplete { _ in handler.value.sent(count) }
    context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: promise)
    guard hasRoom else {
      drop("too many bytes are unsent, in all or to this user")
      return false
    }
    if readingTimer == nil { startReadingTimer() }
    return true
  }

  private func sent(_ count: Int) {
    _ = admission.buffer(-count, in: .unsentReplies, user: credentials.userID)
    unsentBytes -= count
    guard unsentBytes == 0 else { return }
    readingTimer?.cancel()
    readingTimer = nil
    if closesWhenSent { context?.close(promise: nil) }
  }

  private func drop(_ reason: String) {
    logger.info("a client is dropped", metadata: ["user": "\(credentials.userID)", "reason": "\(reason)"])
    context?.close(promise: nil)
  }

  /// Tells the common account how many bytes of an unfinished line stand here.
  private func countUnfinished() {
    let change = session.unfinishedBytes - countedUnfinished
    countedUnfinished += change
    guard change != 0 else { return }
    if !admission.buffer(change, in: .unfinishedLines, user: credentials.userID) && change > 0 {
      let actions = session.refuse(.busy("too many bytes are buffered", retryAfter: .seconds(1)))
      // What the line held is given back before the refusal itself asks for room.
      countUnfinished()
      perform(actions)
    }
  }

  private func startLineTimer() {
    guard let context else { return }
    lineTimer?.cancel()
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    lineTimer = context.eventLoop.scheduleTask(in: TimeAmount(configuration.lineDeadline)) {
      let handler = handler.value
      handler.lineTimer = nil
      handler.perform(handler.session.unfinishedLineExpired())
      handler.countUnfinished()
    }
  }

  /// Looks, a deadline from now, whether the client has read anything since.
  private func startReadingTimer() {
    guard let context else { return }
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    let readBefore = takenBytes
    readingTimer = context.eventLoop.scheduleTask(in: TimeAmount(configuration.readingDeadline)) {
      let handler = handler.value
      handler.readingTimer = nil
      guard handler.unsentBytes > 0 else { return }
      if handler.takenBytes > readBefore {
        handler.startReadingTimer()
      } else {
        handler.drop("it has read nothing for \(handler.configuration.readingDeadline)")
      }
    }
  }

  /// Bytes that the kernel has taken for the client so far.
  private var takenBytes: Int {
    let waiting = try? context?.channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)
    // A channel that no longer knows has been closed: then nothing waits.
    return writtenBytes - (waiting.flatMap { $0 } ?? 0)
  }
}
