import FileWatching
import Foundation
import LinuxSystem
import SystemPackage

/// The least store that lives by hints and `decide` alone: what it holds after a synchronisation must be what a fresh crawl
/// finds. `@unchecked Sendable`: `rows` is touched with `lock` locked only.
final class StoreMirror: @unchecked Sendable {
  private let root: ShareRoot
  private let lock = NSLock()
  private var rows: [FilePath: StoredState] = [:]
  /// Files read, for curiosity.
  private var reads = 0

  init(root: ShareRoot) { self.root = root }

  func take(_ hints: [Hint]) {
    lock.withLock { hints.forEach(apply) }
  }

  /// What is stored of each file: what anyone could compare.
  var contents: [FilePath: String] {
    lock.withLock { rows.mapValues { Self.describe($0.attributes, $0.contentHash) } }
  }
  var readCount: Int { lock.withLock { reads } }

  /// The same, of the files themselves.
  static func crawl(_ root: ShareRoot) throws -> [FilePath: String] {
    var contents: [FilePath: String] = [:]
    try Crawler().crawl(root, under: "", ignore: .standard) { entry in
      guard let attributes = entry.attributes, attributes.kind != .directory else { return }
      let hash = attributes.kind == .regular ? try read(root, entry.path).hash : nil
      contents[entry.path] = describe(attributes, hash)
    }
    return contents
  }

  private static func describe(_ attributes: FileAttributes, _ hash: SHA256Digest?) -> String {
    let hash = hash?.description.prefix(12) ?? "unread"
    return "\(attributes.kind) \(attributes.size) \(String(attributes.mode, radix: 8)) \(hash)"
  }

  private func apply(_ hint: Hint) {
    switch hint {
    case .look(_, let path, let contentEvent): check(path, contentEvent ? .contentEvent : .attributeEvent)
    case .moved(_, let from, let to, _):
      // Replaces what is there, as rename(2) does.
      let moving = rows.filter { $0.key.starts(with: from) }
      for path in rows.keys where path.starts(with: to) || path.starts(with: from) { rows[path] = nil }
      for (path, state) in moving {
        var path = path
        if path.removePrefix(from) { rows[path.isEmpty ? to : to.pushing(path)] = state }
      }
    case .rescan(_, let under, _):
      var visited: Set<FilePath> = []
      do {
        try Crawler().crawl(root, under: under, ignore: .standard) { entry in
          visited.insert(entry.path)
          check(entry.path, .crawl)
        }
      } catch let error as LinuxError where Finding.isAbsence(error) {
        // Gone meanwhile: all beneath it is checked next.
      } catch { fatalError("the crawl failed: \(error)") }
      for path in rows.keys where path.starts(with: under) && !visited.contains(path) { check(path, .crawl) }
    case .attributes: break
    }
  }

  private func check(_ path: FilePath, _ cause: Cause) {
    let found: FileAttributes?
    switch Finding.at(path, in: root) {
    case .found(let attributes): found = attributes
    case .gone: found = nil
    case .unreadable(let error): fatalError("cannot look: \(error)")
    }
    if found?.kind != .directory {
      for beneath in rows.keys where beneath.starts(with: path) && beneath != path { rows[beneath] = nil }
    }
    switch decide(stored: rows[path], found: found, cause: cause) {
    case .nothing: break
    case .remove: rows[path] = nil
    case .updateAttributes:
      rows[path]?.attributes.mode = found!.mode
      rows[path]?.attributes.device = found!.device
    case .skip:
      rows[path] = StoredState(attributes: found!, contentHash: nil, readAt: nil, progress: .skipped, attempts: 0)
    case .read:
      reads += 1
      let now = Int64(Date().timeIntervalSince1970 * 1e9)
      if let (attributes, hash) = try? Self.read(root, path) {
        let isOther = rows[path]?.contentHash != hash
        rows[path] = StoredState(
          attributes: attributes, contentHash: hash, readAt: now, progress: .indexed, attempts: 1)
        // Its other names are not told.
        let names = rows.filter { $0.value.attributes.inode == attributes.inode && $0.key != path }.keys
        if isOther { for name in names { check(name, .crawl) } }
      } else {
        // It went between the look and the read; what comes to be there has events of its own.
        rows[path] = nil
      }
    }
  }

  private struct NotRegular: Error {}

  private static func read(_ root: ShareRoot, _ path: FilePath) throws -> (
    attributes: FileAttributes, hash: SHA256Digest
  ) {
    let descriptor = try root.open(path, for: .content)
    let attributes = try FileAttributes.of(descriptor: descriptor.rawValue)
    guard attributes.kind == .regular else { throw NotRegular() }
    let handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: false)
    return (attributes, SHA256Digest(of: try handle.readToEnd() ?? Data()))
  }
}
