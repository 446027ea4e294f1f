import ArgumentParser
import FumikuraProtocol
import Glibc

/// A time on the command line: RFC 3339, or a date alone, which is its midnight here.
struct TimeArgument: ExpressibleByArgument {
  let timestamp: Timestamp

  init?(argument: String) {
    if let exact = Timestamp(rfc3339: argument) {
      timestamp = exact
      return
    }
    guard argument.utf8.count == 10, Timestamp(rfc3339: argument + "T00:00:00Z") != nil else { return nil }
    let numbers = argument.split(separator: "-").compactMap { CInt($0) }
    guard numbers.count == 3 else { return nil }
    var local = tm()
    local.tm_year = numbers[0] - 1900
    local.tm_mon = numbers[1] - 1
    local.tm_mday = numbers[2]
    local.tm_isdst = -1
    timestamp = Timestamp(nanoseconds: Int64(mktime(&local)) * 1_000_000_000)
  }
}
