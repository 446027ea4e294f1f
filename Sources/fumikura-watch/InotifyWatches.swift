import CInotifyTools
import Glibc
import WatchFrames

/// The inotify instance of libinotifytools, and which ids of the daemon each watch descriptor serves.
///
/// The library opens inotify and reads it. It is not what adds and removes watches, because (3.22.6, Debian 12)
/// - `inotifytools_watch_file` does not tell the watch descriptor; it has to be asked back by file name, and a directory
///   that is made anew under an old name gets the descriptor of its predecessor, whose record stays;
/// - nothing frees the record of a directory that was deleted: `inotifytools_remove_watch_by_wd` calls inotify_rm_watch
///   first, which fails for a watch that the kernel has removed by itself, and then keeps the record;
/// - its names go stale when a directory moves, and it calls lstat on the path once more, which may be another by then.
/// So inotify_add_watch(2) and inotify_rm_watch(2) are called on the library's descriptor. `next_events` looks at none of
/// the library's records unless statistics or regular expressions are asked for.
struct InotifyWatches {
  /// The library's descriptor, for poll and for adding watches.
  let descriptor: CInt
  private var idOfWatch: [CInt: UInt32] = [:]
  /// Where one directory is reached by several paths, as by shares within shares, its watch serves several ids: the
  /// kernel has one watch an inode.
  private var furtherIDsOfWatch: [CInt: [UInt32]] = [:]
  private var watchOfID: [UInt32: CInt] = [:]

  /// What is reported of a directory and of its entries.
  private static let mask = UInt32(
    IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF
      | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK)

  /// Opens inotify. The process has one instance.
  init() {
    // The kernel gives the lowest free number, so that is the library's descriptor, which the library keeps to itself.
    let lowestFree = dup(STDIN_FILENO)
    close(lowestFree)
    guard inotifytools_initialize() != 0 else {
      end("inotify cannot be opened: \(reason(inotifytools_error())) (see fs.inotify.max_user_instances)")
    }
    var link = [UInt8](repeating: 0, count: 64)
    let length = readlink("/proc/self/fd/\(lowestFree)", &link, link.count)
    let target = String(decoding: link.prefix(max(0, length)), as: UTF8.self)
    guard target.contains("inotify") else { end("descriptor \(lowestFree) is \"\(target)\", not inotify") }
    descriptor = lowestFree
  }

  /// Watches the directory under `id`. Returns 0 or an errno.
  mutating func add(_ id: UInt32, directory: CInt) -> CInt {
    // No IN_DONT_FOLLOW: the name is a magic link to the very directory that was opened, without following any.
    let watch = inotify_add_watch(descriptor, "/proc/self/fd/\(directory)", Self.mask)
    guard watch >= 0 else { return errno }
    if let former = watchOfID[id] {
      if former == watch { return 0 }
      release(former, from: id)
    }
    watchOfID[id] = watch
    if idOfWatch[watch] == nil {
      idOfWatch[watch] = id
    } else {
      furtherIDsOfWatch[watch, default: []].append(id)
    }
    return 0
  }

  mutating func remove(_ id: UInt32) {
    guard let watch = watchOfID.removeValue(forKey: id) else { return }
    release(watch, from: id)
  }

  /// Reports what has happened, up to `limit` events. Returns whether that is all.
  mutating func drain(atMost limit: Int, into output: inout ReportOutput) -> Bool {
    for _ in 0..<limit {
      // A time-out of 0 with `next_events` does not wait (with `next_event` it waits for ever), and one event at a time
      // is the only number for which the library does not spin until as many have come.
      guard let event = inotifytools_next_events(0, 1) else {
        let code = inotifytools_error()
        guard code == 0 || code == EINTR || code == EAGAIN else { end("inotify cannot be read: \(reason(code))") }
        return code == 0
      }
      report(event, to: &output)
    }
    return false
  }

  private mutating func report(_ event: UnsafeMutablePointer<inotify_event>, to output: inout ReportOutput) {
    let mask = event.pointee.mask
    if mask & UInt32(IN_Q_OVERFLOW) != 0 { return output.lose() }
    let watch = event.pointee.wd
    // Events that were queued before a watch was removed still come.
    guard let first = idOfWatch[watch] else { return }
    // The name is padded with NULs to `len`.
    let start = UnsafeRawPointer(event) + MemoryLayout<inotify_event>.size
    let name = UnsafeRawBufferPointer(start: start, count: Int(event.pointee.len)).prefix { $0 != 0 }
    for id in [first] + (furtherIDsOfWatch[watch] ?? []) {
      output.append(.event(id: id, mask: mask, cookie: event.pointee.cookie, name: Array(name)))
    }
    if mask & UInt32(IN_IGNORED) != 0 {
      for id in [first] + (furtherIDsOfWatch.removeValue(forKey: watch) ?? []) { watchOfID[id] = nil }
      idOfWatch[watch] = nil
    }
  }

  /// Takes the id off a watch, and removes the watch where it served no other.
  private mutating func release(_ watch: CInt, from id: UInt32) {
    if var further = furtherIDsOfWatch[watch] {
      if let index = further.firstIndex(of: id) {
        further.remove(at: index)
      } else {
        idOfWatch[watch] = further.removeFirst()
      }
      furtherIDsOfWatch[watch] = further.isEmpty ? nil : further
    } else {
      idOfWatch[watch] = nil
      // It fails where the directory is gone, and the watch with it.
      inotify_rm_watch(descriptor, watch)
    }
  }
}
