import Foundation
import Glibc

/// Runs a program whose standard output is a terminal, and gives what it wrote there.
enum PseudoTerminal {
  struct Failure: Error {
    let call: String
    let code: CInt
  }

  static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    // unlockpt and ptsname are not imported: these are the calls that they make (TIOCSPTLCK and
    // TIOCGPTN of ioctl_tty(2)).
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var unlocked: CInt = 0
    var number: CInt = -1
    guard master >= 0, ioctl(master, 0x4004_5431, &unlocked) == 0,
      ioctl(master, 0x8004_5430, &number) == 0
    else { throw Failure(call: "ptmx", code: errno) }
    let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard slave >= 0 else { throw Failure(call: "open", code: errno) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["TERM": "xterm", "NO_COLOR": ""]) { $1 }
    process.standardOutput = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    close(slave)
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(master, &chunk, chunk.count)
      // EIO: the last writer has closed the terminal.
      if count <= 0 { break }
      output += chunk[..<count]
    }
    close(master)
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
