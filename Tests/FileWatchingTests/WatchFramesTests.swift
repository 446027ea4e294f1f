import Testing
import WatchFrames

@Suite("The frames between the daemon and the watch process")
struct WatchFramesTests {
  private let reports: [WatchReport] = [
    .added(id: 1), .event(id: 0xFFFF_FFFE, mask: 0x4000_0100, cookie: 7, name: [0xFF, 10, 0x80]), .overflow,
    .event(id: 2, mask: 4, cookie: 0, name: []), .failed(id: 3, code: 28),
    .event(id: 4, mask: 2, cookie: 0, name: [UInt8](repeating: 97, count: 255)),
  ]

  @Test("reports come out as they went in, however the stream is cut", arguments: [1, 2, 3, 7, 64, 10_000])
  func reports(pieceLength: Int) throws {
    var stream: [UInt8] = []
    for report in reports { report.encode(to: &stream) }
    var decoder = WatchReportDecoder()
    var decoded: [WatchReport] = []
    for start in stride(from: 0, to: stream.count, by: pieceLength) {
      decoder.append(stream[start..<min(start + pieceLength, stream.count)])
      while let report = try decoder.next() { decoded.append(report) }
    }
    #expect(decoded == reports)
  }

  @Test("numbers are little-endian, and a frame's length does not count itself")
  func layout() {
    var bytes: [UInt8] = []
    WatchReport.failed(id: 0x0403_0201, code: 13).encode(to: &bytes)
    #expect(bytes == [9, 0, 0, 0, 3, 1, 2, 3, 4, 13, 0, 0, 0])
    #expect(WatchCommand.add(id: 258).encoded == [1, 2, 1, 0, 0])
  }

  @Test("commands come out as they went in, and what is none is refused")
  func commands() {
    for command in [WatchCommand.add(id: 0), .add(id: .max), .remove(id: 77)] {
      #expect(WatchCommand(command.encoded) == command)
    }
    for bytes: [UInt8] in [[], [1], [3, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]] { #expect(WatchCommand(bytes) == nil) }
  }

  @Test(
    "a stream that is none of ours is an error",
    arguments: [
      [255, 255, 255, 127], [1, 0, 0, 0, 9], [0, 0, 0, 0], [5, 0, 0, 0, 4, 0, 0, 0, 0],
    ] as [[UInt8]])
  func refused(bytes: [UInt8]) {
    var decoder = WatchReportDecoder()
    decoder.append(bytes)
    #expect(throws: WatchFrameError.self) { try decoder.next() }
  }
}
