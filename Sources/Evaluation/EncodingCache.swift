package import LinearAlgebra
package import LinuxSystem
package import SystemPackage
import Foundation

/// Encoded texts kept between runs: a file for each list of texts, named by a digest of the model and the texts.
///
/// Everything in it can be made again, so a file that is damaged or of another size is the same as none. A file holds
/// the rows as raw float32 in the machine's order, then the SHA-256 of those bytes.
package struct EncodingCache: Sendable {
  package let folder: FilePath

  /// A cache in `folder`, which is made where it is missing.
  package init(folder: FilePath) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
  }

  /// `$XDG_CACHE_HOME/fumikura`, else `~/.cache/fumikura` (XDG Base Directory Specification 0.8).
  package static func defaultFolder(environment: [String: String] = ProcessInfo.processInfo.environment) -> FilePath {
    let base =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
      ?? FilePath(environment["HOME"] ?? NSHomeDirectory()).appending(".cache")
    return base.appending("fumikura")
  }

  /// The rows kept under `key`, or nil where there are none of this shape.
  package func rows(for key: SHA256Digest, rows: Int, columns: Int) -> Matrix? {
    let count = rows * columns * MemoryLayout<Float>.stride
    // Not being able to read is the same as not having: the texts are then encoded.
    guard let data = try? Data(contentsOf: URL(filePath: file(key).string)), data.count == count + 32,
      SHA256Digest(of: data.prefix(count)).bytes == Array(data.suffix(32))
    else { return nil }
    let values = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, initialized in
      data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer), count: count)
      initialized = rows * columns
    }
    return Matrix(rows: rows, columns: columns, values: values)
  }

  /// Keeps `matrix` under `key`: a reader sees all of it or nothing.
  package func keep(_ matrix: Matrix, for key: SHA256Digest) throws {
    var data = matrix.values.withUnsafeBytes { Data($0) }
    data.append(contentsOf: SHA256Digest(of: data).bytes)
    try data.write(to: URL(filePath: file(key).string), options: .atomic)
  }

  private func file(_ key: SHA256Digest) -> FilePath { folder.appending("\(key).f32") }
}
