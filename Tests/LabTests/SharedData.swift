import Foundation
import SystemPackage
import Testing

/// The evaluation data beside the repository: too large, and not ours, to be kept in it.
enum SharedData {
  /// `$FUMIKURA_SHARED`, else `../shared` beside the repository; nil where it is absent.
  static let folder: FilePath? = {
    let path =
      ProcessInfo.processInfo.environment["FUMIKURA_SHARED"].map { FilePath($0) }
      ?? FilePath(#filePath).removingLastComponent().appending("../../../shared").lexicallyNormalized()
    return FileManager.default.fileExists(atPath: path.appending("data").string) ? path : nil
  }()

  /// `data/NAME`, or nil after saying what is skipped. In CI its absence is a failure.
  static func data(_ name: String) throws -> FilePath? {
    if let folder { return folder.appending("data").pushing(FilePath(name)) }
    try #require(
      ProcessInfo.processInfo.environment["CI"] == nil, "shared/data is absent: CI must not skip \(name)")
    print("skipped: no shared data beside the repository, so nothing was tested on \(name)")
    return nil
  }
}
