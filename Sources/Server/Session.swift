import FumikuraProtocol

/// What one connection says and is told, without any input or output: bytes and outcomes go in, actions come out, and
/// whoever owns the connection carries them out in their order.
struct Session {
  /// A call of this session, from `run` to `finished`.
  typealias Ticket = UInt64

  enum Action {
    /// Run the call and hand its outcome to `finished`.
    case run(Ticket, PreparedCall)
    /// Nobody waits for the call any more. `finished` still comes.
    case cancel(Ticket)
    /// Send these bytes: whole lines with their newlines.
    case send([UInt8])
    /// An unfinished line stands: call `unfinishedLineExpired` unless `lineEnded` comes in time.
    case lineBegan
    case lineEnded
    /// Send what is to be sent, then close.
    case close
  }

  private struct Call {
    /// Nil for a notification, which is never answered.
    let id: RequestID?
    let batch: Int?
    var isAnswered = false
  }

  private struct Batch {
    /// Elements that are not answered yet.
    var open: Int
    var replies: [[UInt8]] = []
    var bytes = 0
  }

  private enum Phase {
    case open
    /// Nothing more is read; calls in flight are still answered.
    case ending
    case closed
  }

  private let isAdministrator: Bool
  private let methods: MethodTable
  private let maximumInFlight: Int
  private var framer: LineFramer
  private var phase = Phase.open
  private var isDraining = false
  private var calls: [Ticket: Call] = [:]
  private var batches: [Int: Batch] = [:]
  private var lastTicket: Ticket = 0
  private var lastBatch = 0

  /// - Parameter maximumInFlight: calls that may run or wait at once; beyond them the answer is `busy`.
  init(
    isAdministrator: Bool, methods: MethodTable = .all, maximumInFlight: Int = 64,
    maximumLineBytes: Int = ProtocolLimits.requestBytes
  ) {
    self.isAdministrator = isAdministrator
    self.methods = methods
    self.maximumInFlight = maximumInFlight
    framer = LineFramer(limit: maximumLineBytes)
  }

  /// Bytes of the line that has not ended.
  var unfinishedBytes: Int { framer.unfinished.count }
  var isClosed: Bool { if case .closed = phase { true } else { false } }
  var callsInFlight: Int { calls.count }

  /// Bytes came from the client.
  mutating func received(_ bytes: [UInt8]) -> [Action] {
    guard case .open = phase else { return [] }
    let stood = unfinishedBytes > 0
    var actions: [Action] = []
    for piece in framer.add(bytes) {
      switch piece {
      case .line(let line): actions += take(line: line)
      case .tooLong:
        let error = ServiceError.invalidRequest(
          "a line of more than \(framer.limit) bytes", kind: "line_too_long")
        actions += refuse(error)
      }
    }
    let endedOne = bytes.contains(UInt8(ascii: "\n"))
    if stood && (endedOne || unfinishedBytes == 0) { actions.append(.lineEnded) }
    if unfinishedBytes > 0 && (!stood || endedOne) { actions.append(.lineBegan) }
    return actions
  }

  /// The client sends nothing more, though it may still read.
  mutating func inputEnded() -> [Action] {
    guard case .open = phase else { return [] }
    var actions: [Action] = []
    if let line = framer.finish() { actions = [.lineEnded] + take(line: line) }
    if case .open = phase { phase = .ending }
    return actions + closeIfDone()
  }

  /// A line did not end in time.
  mutating func unfinishedLineExpired() -> [Action] {
    guard case .open = phase, unfinishedBytes > 0 else { return [] }
    return refuse(
      .invalidRequest("a line of \(unfinishedBytes) bytes did not end in time", kind: "unfinished_line"))
  }

  /// Answers with an error that belongs to no request, and closes.
  mutating func refuse(_ error: ServiceError) -> [Action] {
    guard case .open = phase else { return [] }
    phase = .closed
    _ = framer.finish()
    return [.send(OutgoingMessage.error(.unknown, error) + [UInt8(ascii: "\n")])] + cancelAll() + [.close]
  }

  /// The daemon is about to end: calls in flight are finished, nothing new is begun.
  mutating func drain() -> [Action] {
    guard !isDraining else { return [] }
    isDraining = true
    if case .open = phase { phase = .ending }
    _ = framer.finish()
    return [.lineEnded] + closeIfDone()
  }

  /// The connection is gone.
  mutating func connectionLost() -> [Action] {
    phase = .closed
    _ = framer.finish()
    return cancelAll()
  }

  /// A call that `run` asked for has ended.
  mutating func finished(_ ticket: Ticket, _ outcome: Result<[UInt8], ServiceError>) -> [Action] {
    guard let call = calls.removeValue(forKey: ticket) else { return [] }
    var actions: [Action] = []
    if !call.isAnswered, let id = call.id { actions = answer(id, batch: call.batch, outcome) }
    return actions + closeIfDone()
  }

  /// A running call tells how far it is.
  func progressed(_ ticket: Ticket, fraction: Double?, message: String?) -> [Action] {
    guard case .open = phase, let call = calls[ticket], let id = call.id, !call.isAnswered else { return [] }
    return [.send(OutgoingMessage.progress(of: id, fraction: fraction, message: message) + [UInt8(ascii: "\n")])]
  }

  private mutating func take(line: [UInt8]) -> [Action] {
    guard case .open = phase else { return [] }
    // A blank line says nothing; some clients send one to see whether the connection lives.
    guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { return [] }
    let json: JSON
    do throws(JSONSyntaxError) {
      json = try JSONReader.read(line)
    } catch {
      return answer(.unknown, batch: nil, .failure(.parseError(error)))
    }
    guard case .array(let elements) = json else { return take(IncomingMessage(json), batch: nil) }
    return take(batch: elements)
  }

  private mutating func take(batch elements: [JSON]) -> [Action] {
    guard (1...ProtocolLimits.batch).contains(elements.count) else {
      let error = ServiceError.invalidRequest(
        "got a batch of \(elements.count), expected 1 to \(ProtocolLimits.batch)")
      return answer(.unknown, batch: nil, .failure(error))
    }
    let messages = elements.map(IncomingMessage.init)
    let answered = messages.count { if case .notification = $0 { false } else { true } }
    lastBatch += 1
    if answered > 0 { batches[lastBatch] = Batch(open: answered) }
    let batch = lastBatch
    return messages.flatMap { take($0, batch: batch) }
  }

  private mutating func take(_ message: IncomingMessage, batch: Int?) -> [Action] {
    switch message {
    case .invalid(let id, let error): return answer(id, batch: batch, .failure(error))
    case .notification("$/cancelRequest", let parameters): return cancel(parameters["id"])
    case .notification(let method, let parameters):
      // Of a notification that cannot be carried out nobody is told (JSON-RPC 2.0 §4.1).
      guard calls.count < maximumInFlight,
        let call = try? methods.prepare(method, parameters, isAdministrator: isAdministrator)
      else { return [] }
      return [begin(call, id: nil, batch: nil)]
    case .request(let id, let method, let parameters):
      guard calls.count < maximumInFlight else {
        let error = ServiceError.busy(
          "\(calls.count) requests of this connection are in flight, expected at most \(maximumInFlight)",
          retryAfter: .milliseconds(100))
        return answer(id, batch: batch, .failure(error))
      }
      do throws(ServiceError) {
        return [begin(try methods.prepare(method, parameters, isAdministrator: isAdministrator), id: id, batch: batch)]
      } catch {
        return answer(id, batch: batch, .failure(error))
      }
    }
  }

  private mutating func begin(_ call: PreparedCall, id: RequestID?, batch: Int?) -> Action {
    lastTicket += 1
    calls[lastTicket] = Call(id: id, batch: batch)
    return .run(lastTicket, call)
  }

  private mutating func cancel(_ id: JSON?) -> [Action] {
    guard let id = id.flatMap(RequestID.init) else { return [] }
    var actions: [Action] = []
    for (ticket, call) in calls where call.id == id && !call.isAnswered {
      calls[ticket]?.isAnswered = true
      actions += [.cancel(ticket)] + answer(id, batch: call.batch, .failure(.cancelled))
    }
    return actions
  }

  private mutating func cancelAll() -> [Action] {
    calls.keys.sorted().map { ticket in
      calls[ticket]?.isAnswered = true
      return .cancel(ticket)
    }
  }

  /// The reply's line, or, in a batch, its place in the batch's line once all of it is there.
  private mutating func answer(_ id: RequestID, batch key: Int?, _ outcome: Result<[UInt8], ServiceError>) -> [Action] {
    var reply =
      switch outcome {
      case .success(let result): OutgoingMessage.result(id, result)
      case .failure(let error): OutgoingMessage.error(id, error)
      }
    let before = key.flatMap { batches[$0]?.bytes } ?? 0
    if before + reply.count > ProtocolLimits.replyBytes {
      reply = OutgoingMessage.error(id, .replyTooLarge(bytes: before + reply.count))
    }
    guard let key, var batch = batches[key] else { return [.send(reply + [UInt8(ascii: "\n")])] }
    batch.open -= 1
    batch.replies.append(reply)
    batch.bytes += reply.count + 1
    batches[key] = batch.open == 0 ? nil : batch
    guard batch.open == 0 else { return [] }
    var line: [UInt8] = []
    line.reserveCapacity(batch.bytes + 2)
    line.append(UInt8(ascii: "["))
    for (index, reply) in batch.replies.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      line.append(contentsOf: reply)
    }
    line.append(contentsOf: "]\n".utf8)
    return [.send(line)]
  }

  private mutating func closeIfDone() -> [Action] {
    guard case .ending = phase, calls.isEmpty else { return [] }
    phase = .closed
    return [.close]
  }
}
