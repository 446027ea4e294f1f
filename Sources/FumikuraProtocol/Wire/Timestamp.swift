/// An instant to the nanosecond, on the wire an RFC 3339 time in UTC with nine digits of fraction.
package struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Since 1970-01-01T00:00:00Z, as file systems keep it; the years 1678 to 2262.
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

  /// `2026-03-01T09:30:00.000000000Z`.
  package var description: String {
    let (seconds, fraction) = Self.floorDivide(nanoseconds, 1_000_000_000)
    let (days, second) = Self.floorDivide(seconds, 86_400)
    let (year, month, day) = Self.date(days: days)
    return "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))T\(Self.pad(second / 3600, 2)):"
      + "\(Self.pad(second / 60 % 60, 2)):\(Self.pad(second % 60, 2)).\(Self.pad(fraction, 9))Z"
  }

  /// Reads `2026-03-01T09:30:00Z`, with any fraction (digits beyond the ninth are dropped) and any offset.
  package init?(rfc3339 text: String) {
    var scanner = Scanner(text.utf8)
    guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2), scanner.take("-"),
      let day = scanner.digits(2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
      let hour = scanner.digits(2), scanner.take(":"), let minute = scanner.digits(2), scanner.take(":"),
      let second = scanner.digits(2), (1678...2261).contains(year), (1...12).contains(month),
      day >= 1 && day <= Self.days(in: month, of: year), hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction: Int64 = 0
    if scanner.take(".") {
      guard let value = scanner.fraction() else { return nil }
      fraction = value
    }
    var offset: Int64 = 0
    if !scanner.take("Z") && !scanner.take("z") {
      let isWest = scanner.take("-")
      guard isWest || scanner.take("+"), let hours = scanner.digits(2), scanner.take(":"),
        let minutes = scanner.digits(2), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (isWest ? -60 : 60)
    }
    guard scanner.isAtEnd else { return nil }
    let seconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
    nanoseconds = seconds * 1_000_000_000 + fraction
  }

  private struct Scanner {
    var rest: Substring.UTF8View
    init(_ text: String.UTF8View) { rest = text[...] }
    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func digits(_ count: Int) -> Int64? {
      var number: Int64 = 0
      for _ in 0..<count {
        guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
        number = number * 10 + Int64(byte - 0x30)
        rest.removeFirst()
      }
      return number
    }

    mutating func fraction() -> Int64? {
      var number: Int64 = 0
      var scale: Int64 = 100_000_000
      var count = 0
      while let byte = rest.first, (0x30...0x39).contains(byte) {
        number += Int64(byte - 0x30) * scale
        scale /= 10
        count += 1
        rest.removeFirst()
      }
      return count > 0 ? number : nil
    }
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private static func floorDivide(_ number: Int64, _ by: Int64) -> (Int64, Int64) {
    let remainder = ((number % by) + by) % by
    return ((number - remainder) / by, remainder)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar, counted from 1 March of year 0 so that the leap day is
  /// a year's last (Richards 1998, "Mapping time", algorithm F).
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (monthFromMarch * 306 + 5) / 10 + day - 1
      - 719_468
  }

  private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // The year by estimate and correction: at most one step off.
    var year = 1970 + days / 365
    while Self.days(year, 1, 1) > days { year -= 1 }
    while Self.days(year + 1, 1, 1) <= days { year += 1 }
    var month: Int64 = 1
    while month < 12 && Self.days(year, month + 1, 1) <= days { month += 1 }
    return (year, month, days - Self.days(year, month, 1) + 1)
  }
}

extension Timestamp: WireValue {
  package static var shape: Shape { .timestamp }
  package static func decode(_ json: JSON) throws(WireMismatch) -> Timestamp {
    guard let text = json.string, let value = Timestamp(rfc3339: text) else { throw mismatch(json) }
    return value
  }
  package var json: JSON { .string(description) }
}
