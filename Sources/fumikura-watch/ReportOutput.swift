import Glibc
import WatchFrames

/// The reports that the daemon has not read yet: a bounded backlog before standard output.
struct ReportOutput {
  private let limit: Int
  private var backlog: [UInt8] = []
  private var start = 0
  /// Whether events were lost since the last overflow that was reported.
  private var hasLost = false

  /// - Parameter limit: bytes of backlog above which events are lost.
  init(limit: Int) { self.limit = limit }

  var isEmpty: Bool { start == backlog.count }

  /// Takes a report. An event is lost where too many wait; an answer never is: the daemon awaits each, and therefore
  /// only asks for a few at a time.
  mutating func append(_ report: WatchReport) {
    if case .event = report {
      if !hasLost && backlog.count - start > limit { hasLost = true }
      // Once one is lost, so are those after it, until the loss itself can be reported in its place.
      if hasLost { return }
    }
    report.encode(to: &backlog)
  }

  /// Events are missing at this point.
  mutating func lose() { hasLost = true }

  /// Writes what can be written without waiting.
  mutating func flush() {
    repeat {
      if hasLost && backlog.count - start <= limit / 2 {
        hasLost = false
        WatchReport.overflow.encode(to: &backlog)
      }
      while !isEmpty {
        let written = backlog[start...].withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if written < 0 {
          if errno == EINTR { continue }
          if errno == EAGAIN { break }
          end("no report can be written: \(reason(errno))")
        }
        start += written
      }
      // A buffer once grown is given back, and the read part is dropped before it is half of it.
      if isEmpty {
        backlog = []
        start = 0
      } else if start > 1 << 20 && start * 2 > backlog.count {
        backlog.removeFirst(start)
        start = 0
      }
    } while hasLost && isEmpty
  }
}
