import Foundation
import FumikuraProtocol
import ProtocolFixtures
import Testing

@Suite("Times")
struct TimestampTests {
  // Seconds by GNU date: date -u -d TIME +%s
  @Test(
    "Reads RFC 3339",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799_000_000_000),
      ("2026-03-01T09:30:00Z", 1_772_357_400_000_000_000), ("2026-03-01T09:30:00.5Z", 1_772_357_400_500_000_000),
      ("2026-03-01t09:30:00.123456789z", 1_772_357_400_123_456_789),
      ("2026-03-01T09:30:00.1234567899Z", 1_772_357_400_123_456_789),
      ("2026-03-01T18:30:00+09:00", 1_772_357_400_000_000_000),
      ("2026-03-01 04:30:00-05:00", 1_772_357_400_000_000_000),
      ("1969-12-31T23:59:59.25Z", -750_000_000), ("1900-03-01T00:00:00Z", -2_203_891_200_000_000_000),
    ] as [(String, Int64)])
  func reads(text: String, nanoseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
  }

  @Test(
    "Refuses what is not RFC 3339",
    arguments: [
      "", "2026-03-01", "2026-03-01T09:30Z", "2026-03-01T09:30:00", "2026-13-01T09:30:00Z", "2026-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T09:60:00Z", "2026-03-01T09:30:00.Z",
      "2026-03-01T09:30:00+9:00", "2026-03-01T09:30:00Z ", "20260301T093000Z", "1600-01-01T00:00:00Z",
      "2300-01-01T00:00:00Z", "２026-03-01T09:30:00Z",
    ])
  func refuses(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test("Writes nine digits of fraction, and what Foundation would write for the rest")
  func writes() {
    #expect(Timestamp(nanoseconds: 1_772_357_400_000_000_001).description == "2026-03-01T09:30:00.000000001Z")
    #expect(Timestamp(nanoseconds: -1).description == "1969-12-31T23:59:59.999999999Z")
    let seed = UInt64.random(in: 0...(.max))
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2_000 {
      let seconds = Int64.random(in: -9_000_000_000...9_000_000_000, using: &random)
      let time = Timestamp(nanoseconds: seconds * 1_000_000_000 + 5)
      let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601).dropLast()
      #expect(time.description == "\(expected).000000005Z")
      #expect(Timestamp(rfc3339: time.description) == time)
    }
  }
}
