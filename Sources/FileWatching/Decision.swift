package import LinuxSystem

/// How close to the read, in nanoseconds, a stored time stamp may not be trusted: the coarsest file systems tick at 2 s.
let racyWindow: Int64 = 2_000_000_000

/// What to do about a path, from what is stored of it, what was found there, and why we looked. Pure.
///
/// The order is that of the table; the first row that fits decides. *Found gone* means that the path is known not to be
/// there (`Finding.gone`), never that it could not be looked at or that its share is offline.
///
/// | found | stored | cause | action |
/// | --- | --- | --- | --- |
/// | gone, or a directory | none | any | nothing |
/// | gone, or a directory | some | any | remove |
/// | link, FIFO, socket, device | `skipped`, same kind | any | nothing |
/// | link, FIFO, socket, device | else | any | skip |
/// | above the size limit | `skipped`, unread, same size and inode | any | update attributes where they differ, else nothing |
/// | above the size limit | else | any | skip |
/// | regular | none, or of another kind | any | read: new |
/// | regular | some | content event | read: an event always hashes |
/// | other size, mtime or inode | some | any | read |
/// | the same | `waiting` | any | read: unfinished |
/// | the same, ctime moved, attributes differ | some | attribute event | update attributes, *keeping the stored ctime* |
/// | the same, ctime moved | some | any | read: a same-size write may hide behind a restored mtime |
/// | the same | never read, not quarantined | any | read |
/// | the same | `failed`, fewer than two attempts | crawl | read again |
/// | the same, mtime or ctime within 2 s of the read | some | crawl | read: racy |
/// | the same, attributes or device differ | some | any | update attributes |
/// | the same | some | any | nothing |
///
/// Why nothing is lost: a write while we watch comes as a content event and always hashes. A write that we did not see
/// moves ctime, which nobody can set back; a crawl reads whatever has a ctime other than at its last read, and whatever
/// was read so soon after its time stamps that a later write may bear the same ones. An attribute event may therefore
/// spare the read, but not store the new ctime: the next crawl then reads the file once, which settles it.
/// (A write through mmap may move nothing until it is synced, and no rule based on time stamps sees it earlier.)
///
/// A quarantined file is read again when it changes, and also when it is racy or its ctime moved; whoever reads it
/// leaves it in quarantine where the hash is the old one.
///
/// - Parameter sizeLimit: bytes; larger files are not read.
package func decide(
  stored: StoredState?, found: FileAttributes?, cause: Cause, sizeLimit: Int64 = .max
) -> Action {
  guard let found, found.kind != .directory else { return stored == nil ? .nothing : .remove }
  guard found.kind == .regular else {
    let known = stored.map { $0.progress == .skipped && $0.attributes.kind == found.kind } ?? false
    return known ? .nothing : .skip(.notRegular(found.kind))
  }
  let differs = stored.map { permissionsDiffer($0.attributes, found) } ?? false
  guard found.size <= sizeLimit else {
    guard let stored, stored.progress == .skipped, stored.readAt == nil, stored.attributes.kind == .regular,
      stored.attributes.size == found.size, stored.attributes.inode == found.inode
    else { return .skip(.tooBig(size: found.size, limit: sizeLimit)) }
    return differs ? .updateAttributes : .nothing
  }
  guard let stored, stored.attributes.kind == .regular else { return .read(.new, updatesAttributes: differs) }
  func read(_ reason: Action.ReadReason) -> Action { .read(reason, updatesAttributes: differs) }

  if cause == .contentEvent { return read(.contentEvent) }
  if stored.attributes.size != found.size { return read(.size) }
  if stored.attributes.modified != found.modified { return read(.modified) }
  if stored.attributes.inode != found.inode { return read(.replaced) }
  if stored.progress == .waiting { return read(.unfinished) }
  if stored.attributes.changed != found.changed {
    return cause == .attributeEvent && differs ? .updateAttributes : read(.changed)
  }
  let isQuarantined = stored.progress == .quarantined
  if (stored.readAt == nil || stored.contentHash == nil) && !isQuarantined { return read(.neverRead) }
  if cause == .crawl {
    if stored.progress == .failed && stored.attempts < 2 { return read(.failedBefore) }
    if let readAt = stored.readAt, isRacy(stored.attributes, readAt: readAt) { return read(.racy) }
  }
  return differs || stored.attributes.device != found.device ? .updateAttributes : .nothing
}

/// Whether what decides who may read the file differs.
private func permissionsDiffer(_ one: FileAttributes, _ other: FileAttributes) -> Bool {
  one.mode != other.mode || one.userID != other.userID || one.groupID != other.groupID || one.acl != other.acl
}

/// Whether a write after the read could have left the very time stamps that are stored.
private func isRacy(_ attributes: FileAttributes, readAt: Int64) -> Bool {
  [attributes.modified, attributes.changed].contains { stamp in
    let (distance, overflowed) = readAt.subtractingReportingOverflow(stamp)
    return !overflowed && distance.magnitude <= UInt64(racyWindow)
  }
}
