import FileWatching
import LinuxSystem
import Testing

@Suite("What to do about a file")
struct DecisionTests {
  private static let second: Int64 = 1_000_000_000
  /// Read long after it was written.
  private static let attributes = FileAttributes(
    kind: .regular, size: 100, modified: 1000 * second, changed: 1000 * second, inode: 7, device: 1, mode: 0o644,
    userID: 1000, groupID: 1000)

  private static func stored(
    _ progress: StoredState.Progress = .indexed, attempts: Int = 1, readAfter seconds: Int64? = 3600,
    hashed: Bool = true, change: (inout FileAttributes) -> Void = { _ in }
  ) -> StoredState {
    var attributes = attributes
    change(&attributes)
    return StoredState(
      attributes: attributes, contentHash: hashed ? SHA256Digest(of: []) : nil,
      readAt: seconds.map { attributes.changed + $0 * second }, progress: progress, attempts: attempts)
  }

  private static func found(_ change: (inout FileAttributes) -> Void = { _ in }) -> FileAttributes {
    var attributes = attributes
    change(&attributes)
    return attributes
  }

  private func actions(_ stored: StoredState?, _ found: FileAttributes?, limit: Int64 = .max) -> [Cause: Action] {
    Dictionary(
      uniqueKeysWithValues: Cause.allCases.map {
        ($0, decide(stored: stored, found: found, cause: $0, sizeLimit: limit))
      })
  }

  private func always(_ action: Action) -> [Cause: Action] {
    [.contentEvent: action, .attributeEvent: action, .crawl: action]
  }

  private func read(_ reason: Action.ReadReason, updating: Bool = false) -> Action {
    .read(reason, updatesAttributes: updating)
  }

  @Test("gone: removed where it was known")
  func gone() {
    #expect(actions(nil, nil) == always(.nothing))
    for progress in [StoredState.Progress.waiting, .indexed, .skipped, .failed, .quarantined] {
      #expect(actions(Self.stored(progress), nil) == always(.remove))
    }
  }

  @Test("a directory where a file was: the file is gone; a directory is no file otherwise")
  func directory() {
    #expect(actions(Self.stored(), Self.found { $0.kind = .directory }) == always(.remove))
    #expect(actions(nil, Self.found { $0.kind = .directory }) == always(.nothing))
  }

  @Test(
    "what is not a regular file is skipped, once",
    arguments: [
      FileKind.symbolicLink, .fifo, .socket, .characterDevice, .blockDevice, .unknown,
    ])
  func notRegular(kind: FileKind) {
    let thing = Self.found { $0.kind = kind }
    #expect(actions(nil, thing) == always(.skip(.notRegular(kind))))
    #expect(actions(Self.stored(), thing) == always(.skip(.notRegular(kind))))
    #expect(actions(Self.stored(.skipped, readAfter: nil, hashed: false) { $0.kind = kind }, thing) == always(.nothing))
    // And once a regular file takes its place, that is new.
    let link = Self.stored(.skipped, readAfter: nil, hashed: false) { $0.kind = kind }
    #expect(actions(link, Self.found()) == always(read(.new)))
  }

  @Test("a file above the limit is skipped, once, and read when it is below")
  func tooBig() {
    let skip = Action.skip(.tooBig(size: 100, limit: 99))
    #expect(actions(nil, Self.found(), limit: 99) == always(skip))
    #expect(actions(Self.stored(), Self.found(), limit: 99) == always(skip))
    let skipped = Self.stored(.skipped, readAfter: nil, hashed: false)
    #expect(actions(skipped, Self.found(), limit: 99) == always(.nothing))
    #expect(actions(skipped, Self.found { $0.mode = 0o600 }, limit: 99) == always(.updateAttributes))
    #expect(actions(skipped, Self.found { $0.size = 101 }, limit: 99) == always(.skip(.tooBig(size: 101, limit: 99))))
    #expect(decide(stored: skipped, found: Self.found(), cause: .crawl, sizeLimit: 100) == read(.neverRead))
  }

  @Test("a new file is read")
  func new() { #expect(actions(nil, Self.found()) == always(read(.new))) }

  @Test("nothing changed: a content event reads all the same, anything else does nothing")
  func unchanged() {
    for progress in [StoredState.Progress.indexed, .skipped, .quarantined] {
      #expect(
        actions(Self.stored(progress), Self.found())
          == [.contentEvent: read(.contentEvent), .attributeEvent: .nothing, .crawl: .nothing], "\(progress)")
    }
  }

  @Test("another size, mtime or inode is read whatever else is the same, quarantine or not")
  func changed() {
    let changes: [(Action.ReadReason, (inout FileAttributes) -> Void)] = [
      (.size, { $0.size = 101 }), (.modified, { $0.modified += 1 }), (.modified, { $0.modified -= 5 * Self.second }),
      (.replaced, { $0.inode = 8 }),
    ]
    for (reason, change) in changes {
      for progress in [StoredState.Progress.indexed, .skipped, .quarantined, .failed, .waiting] {
        #expect(
          actions(Self.stored(progress), Self.found(change))
            == [.contentEvent: read(.contentEvent), .attributeEvent: read(reason), .crawl: read(reason)],
          "\(reason), \(progress)")
      }
      let both = decide(
        stored: Self.stored(),
        found: Self.found {
          change(&$0)
          $0.mode = 0o600
        }, cause: .crawl)
      #expect(both == read(reason, updating: true))
    }
  }

  @Test("a moved ctime is read, unless a live attribute event explains it; its ctime is then not stored")
  func ctime() {
    let touched = Self.found { $0.changed += Self.second * 9 }
    #expect(
      actions(Self.stored(), touched)
        == [.contentEvent: read(.contentEvent), .attributeEvent: read(.changed), .crawl: read(.changed)])
    let changes: [(inout FileAttributes) -> Void] = [
      { $0.mode = 0o600 }, { $0.userID = 0 }, { $0.groupID = 0 }, { $0.acl = [2, 0, 0, 0] },
    ]
    for change in changes {
      let found = Self.found {
        change(&$0)
        $0.changed += Self.second * 9
      }
      #expect(
        actions(Self.stored(), found) == [
          .contentEvent: read(.contentEvent, updating: true), .attributeEvent: .updateAttributes,
          .crawl: read(.changed, updating: true),
        ])
      // After `updateAttributes` the permissions agree and the ctime does not: the next crawl reads, then all is quiet.
      var updated = Self.stored()
      change(&updated.attributes)
      #expect(decide(stored: updated, found: found, cause: .crawl) == read(.changed))
      updated.attributes = found
      updated.readAt = found.changed + 3600 * Self.second
      #expect(decide(stored: updated, found: found, cause: .crawl) == .nothing)
    }
  }

  @Test(
    "a read within two seconds of mtime or ctime is not trusted by a crawl",
    arguments: [
      (Int64(0), true), (1, true), (2, true), (-1, true), (-2, true), (3, false), (-3, false), (100_000, false),
    ])
  func racy(secondsAfter: Int64, isRacy: Bool) {
    let expected = [
      Cause.contentEvent: read(.contentEvent), .attributeEvent: .nothing, .crawl: isRacy ? read(.racy) : .nothing,
    ]
    #expect(actions(Self.stored(readAfter: secondsAfter), Self.found()) == expected)
    // An old mtime, as `cp -p` leaves it, is no proof: its ctime tells when that was done.
    let old: (inout FileAttributes) -> Void = { $0.modified -= 1_000_000 * Self.second }
    #expect(actions(Self.stored(readAfter: secondsAfter, change: old), Self.found(old)) == expected)
    // And an mtime of the future does not make a file racy for ever.
    let future: (inout FileAttributes) -> Void = { $0.modified += 1_000_000_000 * Self.second }
    #expect(actions(Self.stored(readAfter: secondsAfter, change: future), Self.found(future)) == expected)
  }

  @Test("extreme time stamps do not overflow")
  func extremes() {
    let least: (inout FileAttributes) -> Void = { $0.modified = .min }
    #expect(decide(stored: Self.stored(change: least), found: Self.found(least), cause: .crawl) == .nothing)
  }

  @Test("what was never read is read; what was under way is begun again")
  func unfinished() {
    #expect(decide(stored: Self.stored(readAfter: nil), found: Self.found(), cause: .crawl) == read(.neverRead))
    #expect(decide(stored: Self.stored(hashed: false), found: Self.found(), cause: .attributeEvent) == read(.neverRead))
    #expect(decide(stored: Self.stored(.waiting), found: Self.found(), cause: .crawl) == read(.unfinished))
    #expect(decide(stored: Self.stored(.waiting), found: Self.found(), cause: .attributeEvent) == read(.unfinished))
  }

  @Test("a failure is tried once more by a crawl, then left; quarantine lasts while the file does")
  func failures() {
    #expect(
      decide(stored: Self.stored(.failed, attempts: 1), found: Self.found(), cause: .crawl) == read(.failedBefore))
    #expect(decide(stored: Self.stored(.failed, attempts: 2), found: Self.found(), cause: .crawl) == .nothing)
    #expect(decide(stored: Self.stored(.failed), found: Self.found(), cause: .attributeEvent) == .nothing)
    let quarantined = Self.stored(.quarantined, attempts: 2, readAfter: nil, hashed: false)
    #expect(decide(stored: quarantined, found: Self.found(), cause: .crawl) == .nothing)
    #expect(decide(stored: quarantined, found: Self.found { $0.size = 1 }, cause: .crawl) == read(.size))
  }

  @Test("permissions alone are updated without a read, and so is the number of the device after a restart")
  func permissions() {
    let closed = Self.found { $0.mode = 0o600 }
    #expect(decide(stored: Self.stored(), found: closed, cause: .attributeEvent) == .updateAttributes)
    #expect(decide(stored: Self.stored(), found: Self.found { $0.device = 9 }, cause: .crawl) == .updateAttributes)
  }
}
