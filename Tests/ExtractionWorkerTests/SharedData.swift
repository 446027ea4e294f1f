import Foundation
import LinuxSystem
import SystemPackage
import Testing
import TextExtraction

/// The evaluation data that lies beside the repository on some machines.
enum SharedData {
  /// FUMIKURA_SHARED, else `../shared` beside the repository's root; nil where there is neither.
  static let root: String? = {
    if let named = ProcessInfo.processInfo.environment["FUMIKURA_SHARED"] { return named }
    let source = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    let repository = source.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let beside = repository.deletingLastPathComponent().appendingPathComponent("shared").path
    return FileManager.default.fileExists(atPath: beside) ? beside : nil
  }()

  /// The root, or nil after saying what is skipped; where CI is set a missing root is a failure.
  static func required(for what: String) -> String? {
    if root == nil {
      if ProcessInfo.processInfo.environment["CI"] != nil { Issue.record("no ../shared for \(what)") }
      print("skipped: \(what), there is no ../shared")
    }
    return root
  }

  /// The worker that was built beside the tests.
  static let worker: FilePath = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return FilePath(tests ?? "/").removingLastComponent().appending("fumikura-extract")
  }()

  /// Every regular file beneath `folder`, as paths of bytes relative to it.
  static func files(beneath folder: String) -> [FilePath] {
    var found: [FilePath] = []
    var waiting: [[UInt8]] = [[]]
    let base = Array(folder.utf8)
    while let relative = waiting.popLast() {
      let path = base + (relative.isEmpty ? [] : [0x2F] + relative) + [0]
      guard
        let directory = path.withUnsafeBufferPointer({
          opendir(UnsafeRawPointer($0.baseAddress!).assumingMemoryBound(to: CChar.self))
        })
      else { continue }
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let length = withUnsafeBytes(of: &entry.pointee.d_name) { $0.firstIndex(of: 0) ?? 0 }
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix(length)) }
        if name == [0x2E] || name == [0x2E, 0x2E] { continue }
        let child = relative.isEmpty ? name : relative + [0x2F] + name
        if entry.pointee.d_type == UInt8(DT_DIR) { waiting.append(child) }
        if entry.pointee.d_type == UInt8(DT_REG) { found.append(FilePath(bytes: child)) }
      }
    }
    return found
  }
}

extension ExtractionOutcome {
  /// "indexed", "partial:limit", "skipped:binary"…
  var summary: String {
    switch self {
    case .text(let text): text.partial.map { "partial:\($0)" } ?? "indexed"
    case .skipped(let reason, _): "skipped:\(reason)"
    case .failed(let reason, _): "failed:\(reason)"
    }
  }
}
