package import SystemPackage

/// Where the server listens, who its administrators are, and how much it takes on.
package struct ServerConfiguration: Sendable {
  package enum Socket: Sendable {
    /// A socket made at this path with mode 0660; its group is set where one is given. What nobody answers on is
    /// replaced; a live daemon's socket is not.
    case path(FilePath, groupID: UInt32? = nil)
    /// A listening socket from elsewhere (socket activation). The server closes it at its end and leaves its path.
    case inherited(CInt)
  }

  package var socket: Socket
  /// Whose members are administrators, beside root; nil for root alone.
  package var administratorsGroupID: UInt32?

  package var maximumConnections = 1024
  /// Of one user other than root.
  package var maximumConnectionsPerUser = 256
  /// Requests in flight, in all.
  package var maximumRequests = 512
  /// Of one user other than root.
  package var maximumRequestsPerUser = 256
  package var maximumRequestsPerConnection = 64
  /// Of the requests in flight, those that wait for something (`sync`); each holds a thread.
  package var maximumWaiting = 32
  /// Of one user other than root.
  package var maximumWaitingPerUser = 8
  /// Bytes that stand in all connections' unfinished lines, and as many in their unsent replies; of one user a quarter.
  package var maximumBufferedBytes = 64 << 20
  /// Bytes of one connection's unsent replies beyond which no further reply is queued behind them: the connection is
  /// dropped. One reply alone may be as long as the protocol allows.
  package var maximumUnsentBytes = 4 << 20
  /// A client that reads nothing for so long, while replies wait for it, is dropped.
  package var readingDeadline = Duration.seconds(30)
  /// How long a line may take from its first byte to its newline.
  package var lineDeadline = Duration.seconds(30)
  /// How long calls in flight may take to finish at shutdown.
  package var drainDeadline = Duration.seconds(5)
  /// Threads that carry out searches and lists.
  package var queryThreads = 4

  package init(socket: Socket, administratorsGroupID: UInt32? = nil) {
    self.socket = socket
    self.administratorsGroupID = administratorsGroupID
  }
}
