import CLinux

/// Who may do what with one file: the owner, the mode bits, and the POSIX access ACL where there is one.
///
/// The rule is that of acl(5), "Access check algorithm", which Linux follows in `posix_acl_permission`, but for a
/// shortcut of its own (`acl_permission_check` in fs/namei.c): where the group bits, which are the mask of an ACL, are
/// all clear, it does not look at the ACL, and those whom it names are `other`.
package struct AccessRule: Hashable, Sendable {
  package let mode: UInt32
  package let userID: UInt32
  package let groupID: UInt32
  private let entries: [Entry]
  private let isBroken: Bool

  package struct Entry: Hashable, Sendable {
    package enum Tag: UInt16, Sendable { case owner = 1, user = 2, owningGroup = 4, group = 8, mask = 16, other = 32 }
    package let tag: Tag
    package let permissions: UInt16
    package let id: UInt32
  }

  /// Bits of one permission triple.
  package enum Right: UInt16, Sendable { case read = 4, search = 1 }

  /// The rule of a file. A broken ACL allows nothing to anyone but the owner.
  package init(_ attributes: FileAttributes) {
    mode = attributes.mode
    userID = attributes.userID
    groupID = attributes.groupID
    let parsed = attributes.acl.map(Self.parse)
    isBroken = parsed.map { $0 == nil } ?? false
    entries = isBroken ? [Entry(tag: .mask, permissions: 0, id: 0)] : parsed.flatMap { $0 } ?? []
  }

  /// Whether a process with these credentials and no capability has the right.
  package func allows(_ right: Right, to caller: Credentials) -> Bool {
    let wanted = right.rawValue
    if caller.userID == userID { return UInt16(mode >> 6) & wanted != 0 }
    guard !entries.isEmpty, isBroken || mode & 0o070 != 0 else {
      return UInt16(caller.isMember(of: groupID) ? mode >> 3 : mode) & wanted != 0
    }
    let mask = entries.first { $0.tag == .mask }?.permissions ?? 7
    if let user = entries.first(where: { $0.tag == .user && $0.id == caller.userID }) {
      return user.permissions & mask & wanted != 0
    }
    let groups = entries.filter {
      $0.tag == .owningGroup && caller.isMember(of: groupID) || $0.tag == .group && caller.isMember(of: $0.id)
    }
    if !groups.isEmpty { return groups.contains { $0.permissions & mask & wanted != 0 } }
    return (entries.first { $0.tag == .other }?.permissions ?? 0) & wanted != 0
  }

  /// The entries of a raw attribute (version 2: a u32, then u16 tag, u16 permissions, u32 id, little-endian), or nil.
  private static func parse(_ bytes: [UInt8]) -> [Entry]? {
    guard bytes.count >= 4, (bytes.count - 4) % 8 == 0, bytes[0] == 2, bytes[1...3].allSatisfy({ $0 == 0 }) else {
      return nil
    }
    var entries: [Entry] = []
    for start in stride(from: 4, to: bytes.count, by: 8) {
      let number = { (offset: Int, count: Int) in
        (0..<count).reduce(UInt32(0)) { $0 | UInt32(bytes[start + offset + $1]) << (8 * UInt32($1)) }
      }
      guard let tag = Entry.Tag(rawValue: UInt16(number(0, 2))) else { return nil }
      entries.append(Entry(tag: tag, permissions: UInt16(number(2, 2)) & 7, id: number(4, 4)))
    }
    return entries
  }
}
