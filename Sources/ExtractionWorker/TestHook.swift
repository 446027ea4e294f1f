import CLinux
import Glibc
import LinuxSystem
import TextExtraction

/// Misbehaviour on order, for the pool's tests: only with `--test-hooks`, only for files that begin with the magic line.
enum TestHook {
  private static let mark = Array("FUMIKURA-TEST-HOOK ".utf8)

  /// Nil where the file orders nothing.
  static func run(on source: DocumentSource) -> ExtractionOutcome? {
    let head = source.read(256, at: 0)
    guard head.starts(with: mark) else { return nil }
    let order = String(decoding: head.dropFirst(mark.count).prefix { $0 != 0x0A }, as: UTF8.self)
    switch order {
    case "hang": while true { pause() }
    case "spin":
      while getppid() > 0 {}
    case "allocate":
      var all: [UnsafeMutableRawPointer] = []
      while let more = malloc(1 << 20) {
        memset(more, 1, 1 << 20)
        all.append(more)
      }
      abort()
    case "allocate-array":
      var all: [UInt64] = []
      while true { all.append(contentsOf: repeatElement(UInt64(all.count), count: 1 << 16)) }
    case "allocate-at-once": return text("\([UInt8](repeating: 1, count: 1 << 40).count)")
    case "trap": fatalError("as ordered")
    case "abort": abort()
    case "segment": UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
    case "overflow": return text("\(descend(0))")
    case "exit": exit(0)
    case "garbage":
      ExtractionProgram.send(bytes: [12, 0, 0, 0] + (0..<12).map { UInt8($0 * 17) })
      while true { pause() }
    case "oversized":
      ExtractionProgram.send(bytes: [0xFF, 0xFF, 0xFF, 0xFF])
      while true { pause() }
    case "unfinished":
      ExtractionProgram.send(bytes: [0, 0, 1, 0, 4, 4, 4])
      while true { pause() }
    case "stale":
      // Two replies to one request: the second would be taken for the next file's.
      ExtractionProgram.send(
        bytes: ExtractionMessage.Reply.outcome(.skipped(reason: "first", detail: nil), number: 1).encoded())
      return .skipped(reason: "second", detail: nil)
    case "close":
      close(0)
      while true { pause() }
    case "report": return text(report())
    default: return nil
    }
    return nil
  }

  private static func text(_ content: String) -> ExtractionOutcome {
    .text(ExtractedText(type: "text", blocks: [Block(kind: .paragraph, text: content)]))
  }

  @inline(never)
  private static func descend(_ depth: Int) -> Int {
    var frame = (depth, depth, depth, depth)
    return withUnsafeMutablePointer(to: &frame) { descend($0.pointee.0 + 1) + $0.pointee.1 }
  }

  /// What the worker can see of its own confinement, "key: value" a line.
  private static func report() -> String {
    let open = (0..<1024).filter { fcntl(CInt($0), F_GETFD) >= 0 }
    var lines = ["descriptors: \(open.count)", "uid: \(geteuid())", "gid: \(getegid())"]
    lines.append("groups: \(getgroups(0, nil))")
    let opened = Glibc.open("/etc/shadow", O_RDONLY)
    lines.append("shadow: \(opened < 0 ? "refused" : "opened")")
    let nice = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
    lines.append("nice: \(nice)")
    if let file = fopen("/proc/self/status", "r") {
      var line = [CChar](repeating: 0, count: 512)
      while fgets(&line, CInt(line.count), file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix("Cap") || text.hasPrefix("NoNewPrivs") {
          lines.append(text.split { $0.isWhitespace }.joined(separator: " "))
        }
      }
      fclose(file)
    }
    return lines.joined(separator: "\n")
  }
}
