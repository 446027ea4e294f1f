import CLinux

/// Who is asking: the ids that the kernel vouches for.
package struct Credentials: Hashable, Sendable, CustomStringConvertible {
  package let userID: UInt32
  package let groupID: UInt32
  /// Supplementary groups, sorted.
  package let groups: [UInt32]

  package init(userID: UInt32, groupID: UInt32, groups: [UInt32]) {
    self.userID = userID
    self.groupID = groupID
    self.groups = groups.sorted()
  }

  /// Whether the process passes a group check on `group`.
  package func isMember(of group: UInt32) -> Bool { group == groupID || groups.contains(group) }

  package var description: String { "uid \(userID), gid \(groupID), groups \(groups)" }

  /// The credentials of a connected Unix socket's peer as they were when it connected (SO_PEERCRED, SO_PEERGROUPS).
  package static func ofPeer(socket: CInt) throws(LinuxError) -> Credentials {
    var pid: UInt32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    guard fumikura_peer_credentials(socket, &pid, &uid, &gid) == 0 else {
      throw LinuxError(call: "SO_PEERCRED", subject: "socket \(socket)")
    }
    var groups = [UInt32](repeating: 0, count: 64)
    var count = fumikura_peer_groups(socket, &groups, CInt(groups.count))
    if count > groups.count {
      groups = [UInt32](repeating: 0, count: Int(count))
      count = fumikura_peer_groups(socket, &groups, count)
    }
    guard count >= 0, count <= groups.count else {
      throw LinuxError(call: "SO_PEERGROUPS", subject: "socket \(socket)")
    }
    return Credentials(userID: uid, groupID: gid, groups: Array(groups.prefix(Int(count))))
  }
}
