import ArgumentParser
import FumikuraProtocol
import Glibc

/// A file named on the command line, byte for byte, made absolute.
struct PathArgument: ExpressibleByArgument {
  let path: WirePath

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    // The parser knows arguments as text, in which bytes that are not UTF-8 have been replaced: look them up.
    let raw = CommandLine.unsafeArgv.arguments.compactMap { $0 }.first { String(cString: $0) == argument }
    let bytes = raw.map { Array(UnsafeBufferPointer(start: $0, count: strlen($0)).map { UInt8(bitPattern: $0) }) }
    path = WirePath(bytes: Self.absolute(bytes ?? Array(argument.utf8), from: Self.workingDirectory))
  }

  /// `path` seen from `directory`, with `.` and `..` worked out by name alone: the daemon knows a file by the path that
  /// leads to it through its share, which need not be the one without links.
  static func absolute(_ path: [UInt8], from directory: [UInt8]) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    let whole = path.first == slash ? path : directory + [slash] + path
    var names: [ArraySlice<UInt8>] = []
    for name in whole.split(separator: slash) {
      if name.elementsEqual(".".utf8) { continue }
      if name.elementsEqual("..".utf8) { _ = names.popLast() } else { names.append(name) }
    }
    return [slash] + names.joined(separator: [slash])
  }

  private static var workingDirectory: [UInt8] {
    guard let path = getcwd(nil, 0) else { return [UInt8(ascii: "/")] }
    defer { free(path) }
    return UnsafeBufferPointer(start: path, count: strlen(path)).map { UInt8(bitPattern: $0) }
  }
}
