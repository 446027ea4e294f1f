import Foundation

/// What this process has of the machine's memory, as the kernel counts it.
enum ProcessMemory {
  /// Pages in memory now, in bytes.
  static var resident: Int { get throws { try bytes("VmRSS:") } }

  /// The most that `resident` ever was.
  static var peak: Int { get throws { try bytes("VmHWM:") } }

  private static func bytes(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    // "VmHWM:     12345 kB"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let kibibytes = line.split(separator: " ").dropLast().last.flatMap({ Int($0) })
    else { throw LabError.unusable("/proc/self/status: got no line \(name), expected one") }
    return kibibytes << 10
  }
}
