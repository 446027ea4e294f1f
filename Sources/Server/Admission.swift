import FumikuraProtocol
import Synchronization

/// Counts what all connections together hold, and refuses what would be too much.
final class Admission: Sendable {
  private struct Holdings {
    var connections = 0
    var requests = 0
    var waiting = 0
    var unfinishedBytes = 0
    var unsentBytes = 0
  }

  private struct State {
    var all = Holdings()
    var users: [UInt32: Holdings] = [:]
  }

  /// What bytes stand in. Each has its own account: lines that do not end must not keep others from their replies.
  enum Buffer {
    case unfinishedLines
    case unsentReplies
  }

  private let configuration: ServerConfiguration
  private let state = Mutex(State())

  init(_ configuration: ServerConfiguration) { self.configuration = configuration }

  /// Nil where the connection may stay; it then ends with `leave`.
  func enter(user: UInt32) -> ServiceError? {
    state.withLock { state in
      let own = state.users[user]?.connections ?? 0
      guard state.all.connections < configuration.maximumConnections else {
        return .busy("\(state.all.connections) connections are open", retryAfter: .seconds(1))
      }
      guard user == 0 || own < configuration.maximumConnectionsPerUser else {
        return .busy("\(own) connections of user \(user) are open", retryAfter: .seconds(1))
      }
      state.all.connections += 1
      state.users[user, default: Holdings()].connections += 1
      return nil
    }
  }

  func leave(user: UInt32) {
    state.withLock { state in
      state.all.connections -= 1
      Self.change(&state, user) { $0.connections -= 1 }
    }
  }

  /// Nil where the call may begin; it then ends with `end`.
  func begin(_ lane: Lane, user: UInt32) -> ServiceError? {
    guard lane == .query || lane == .waiting else { return nil }
    return state.withLock { state in
      let own = state.users[user] ?? Holdings()
      guard state.all.requests < configuration.maximumRequests,
        user == 0 || own.requests < configuration.maximumRequestsPerUser
      else { return .busy("\(state.all.requests) requests are in flight", retryAfter: .milliseconds(100)) }
      if lane == .waiting {
        guard state.all.waiting < configuration.maximumWaiting,
          user == 0 || own.waiting < configuration.maximumWaitingPerUser
        else { return .busy("\(state.all.waiting) calls wait already", retryAfter: .milliseconds(500)) }
      }
      state.all.requests += 1
      state.all.waiting += lane == .waiting ? 1 : 0
      state.users[user, default: Holdings()].requests += 1
      state.users[user, default: Holdings()].waiting += lane == .waiting ? 1 : 0
      return nil
    }
  }

  func end(_ lane: Lane, user: UInt32) {
    guard lane == .query || lane == .waiting else { return }
    state.withLock { state in
      state.all.requests -= 1
      state.all.waiting -= lane == .waiting ? 1 : 0
      Self.change(&state, user) {
        $0.requests -= 1
        $0.waiting -= lane == .waiting ? 1 : 0
      }
    }
  }

  /// Counts bytes that a connection holds more (or, negative, less). False where there are too many now, in all or of
  /// one user, who may fill a quarter of the room.
  func buffer(_ bytes: Int, in buffer: Buffer, user: UInt32) -> Bool {
    let maximum = configuration.maximumBufferedBytes
    let (account, longest): (WritableKeyPath<Holdings, Int>, Int) =
      switch buffer {
      case .unfinishedLines: (\.unfinishedBytes, ProtocolLimits.requestBytes)
      case .unsentReplies: (\.unsentBytes, ProtocolLimits.replyBytes)
      }
    return state.withLock { state in
      state.all[keyPath: account] += bytes
      state.users[user, default: Holdings()][keyPath: account] += bytes
      let own = state.users[user]?[keyPath: account] ?? 0
      Self.change(&state, user) { _ in }
      return state.all[keyPath: account] <= maximum && own <= max(maximum / 4, longest)
    }
  }

  var connections: Int { state.withLock { $0.all.connections } }

  private static func change(_ state: inout State, _ user: UInt32, _ body: (inout Holdings) -> Void) {
    guard var own = state.users[user] else { return }
    body(&own)
    let isEmpty =
      own.connections == 0 && own.requests == 0 && own.waiting == 0 && own.unfinishedBytes == 0 && own.unsentBytes == 0
    state.users[user] = isEmpty ? nil : own
  }
}
