import Foundation
import SystemPackage

/// Finds the built `fumikura-watch`: in FUMIKURA_BIN where that is set, else beside the running tests.
enum WatchProgram {
  struct NotBuilt: Error, CustomStringConvertible {
    let searched: [FilePath]
    var description: String { "fumikura-watch is in none of \(searched)" }
  }

  static func path() throws -> FilePath {
    var folders: [FilePath] = []
    if let folder = ProcessInfo.processInfo.environment["FUMIKURA_BIN"] {
      folders = [FilePath(folder)]
    } else {
      // The test bundle, and whatever above it, such as `release` above `x.xctest`.
      var folder = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      let named = CommandLine.arguments.dropFirst().first { $0.contains(".xctest") }.map { FilePath($0) }
      for start in [folder, named].compactMap({ $0 }) {
        folder = start
        while folder.removeLastComponent(), !folder.isEmpty { folders.append(folder) }
      }
    }
    for folder in folders {
      let candidate = folder.appending("fumikura-watch")
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate.string, isDirectory: &isDirectory), !isDirectory.boolValue {
        return candidate
      }
    }
    throw NotBuilt(searched: folders)
  }
}
