/// Cuts a byte stream into reports.
package struct WatchReportDecoder: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0

  package init() {}

  /// Takes what was read next.
  package mutating func append(_ bytes: some Collection<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole report, or nil until more bytes come.
  package mutating func next() throws(WatchFrameError) -> WatchReport? {
    let rest = buffer[start...]
    guard rest.count >= 4 else { return nil }
    let length = Int(number(rest))
    guard length <= WatchReport.maximumLength else {
      throw WatchFrameError(
        reason: "a frame of \(length) bytes, where at most \(WatchReport.maximumLength) are allowed")
    }
    guard rest.count >= 4 + length else { return nil }
    let frame = rest.dropFirst(4).prefix(length)
    guard let report = WatchReport(frame: frame) else {
      throw WatchFrameError(reason: "a frame of \(length) bytes and kind \(frame.first.map(String.init) ?? "none")")
    }
    start += 4 + length
    return report
  }
}
