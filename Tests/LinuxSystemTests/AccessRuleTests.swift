import LinuxSystem
import Testing

@Suite("Who may read a file")
struct AccessRuleTests {
  private let owner = Credentials(userID: 1000, groupID: 1000, groups: [])
  private let member = Credentials(userID: 1001, groupID: 1001, groups: [50])
  private let stranger = Credentials(userID: 1002, groupID: 1002, groups: [])

  private func rule(mode: UInt32, acl: [UInt8]? = nil) -> AccessRule {
    AccessRule(
      FileAttributes(
        kind: .regular, size: 0, modified: 0, changed: 0, inode: 1, device: 1, mode: mode, userID: 1000, groupID: 50,
        acl: acl))
  }

  private func acl(_ entries: [(tag: UInt16, permissions: UInt16, id: UInt32)]) -> [UInt8] {
    [2, 0, 0, 0]
      + entries.flatMap { entry in
        [UInt8(entry.tag), 0, UInt8(entry.permissions), 0]
          + (0..<4).map { UInt8(truncatingIfNeeded: entry.id >> (8 * $0)) }
      }
  }

  @Test("mode bits: the first class that fits decides, even where a later one would allow more")
  func modeBits() {
    for (mode, expected) in [
      (UInt32(0o400), [true, false, false]), (0o040, [false, true, false]), (0o004, [false, false, true]),
      (0o640, [true, true, false]), (0o604, [true, false, true]), (0o000, [false, false, false]),
    ] {
      let rule = rule(mode: mode)
      #expect(
        [owner, member, stranger].map { rule.allows(.read, to: $0) } == expected, "mode \(String(mode, radix: 8))")
    }
  }

  @Test("an ACL's mask bounds what the group bits only seem to give")
  func masks() {
    // user::rw- user:1002:r-- group::--- mask::r-- other::---, which stat shows as 0640.
    let bytes = acl([(1, 6, .max), (2, 4, 1002), (4, 0, .max), (16, 4, .max), (32, 0, .max)])
    let rule = rule(mode: 0o640, acl: bytes)
    #expect(rule.allows(.read, to: owner))
    #expect(!rule.allows(.read, to: member), "the group bits are the mask, not the group's right")
    #expect(rule.allows(.read, to: stranger), "named in the ACL")
    let masked = self.rule(
      mode: 0o600, acl: acl([(1, 6, .max), (2, 4, 1002), (4, 4, .max), (16, 0, .max), (32, 4, .max)]))
    #expect(!masked.allows(.read, to: stranger), "named, so `other` is not asked; masked to nothing")
    #expect(!masked.allows(.read, to: member))
  }

  @Test("where the mask is empty, Linux does not look at the ACL: those whom it names are others")
  func emptyMask() {
    let bytes = acl([(1, 6, .max), (2, 6, 1002), (4, 4, .max), (16, 0, .max), (32, 4, .max)])
    let rule = rule(mode: 0o604, acl: bytes)
    #expect(rule.allows(.read, to: stranger))
    #expect(!rule.allows(.read, to: member), "the owning group's bits are the mask")
    #expect(!self.rule(mode: 0o600, acl: bytes).allows(.read, to: stranger))
  }

  @Test("an ACL that cannot be read allows nobody but the owner")
  func broken() {
    for bytes in [[], [1, 0, 0, 0], [2, 0, 0, 0, 1], acl([(99, 7, 0)])] as [[UInt8]] {
      for mode in [0o666, 0o606] as [UInt32] {
        let rule = rule(mode: mode, acl: bytes)
        #expect([owner, member, stranger].map { rule.allows(.read, to: $0) } == [true, false, false], "\(bytes)")
      }
    }
  }
}
