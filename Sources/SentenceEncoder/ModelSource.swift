import Foundation
import LinuxSystem
import SystemPackage

/// Where a sentence-transformers model is imported from: its folder, or that folder in a zip archive or wheel.
///
/// The model's folder is the one that holds `modules.json`.
struct ModelSource {
  private enum Place {
    case folder
    case archive(ZipArchive, prefix: String)
  }

  /// For errors.
  let name: String
  private let path: FilePath
  private let place: Place

  /// Configuration files are far below this; only the weights are longer.
  private static let longestText = 64 << 20

  init(_ path: FilePath) throws(EncoderModelError) {
    self.path = path
    name = path.string
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path.string, isDirectory: &isDirectory) else {
      throw .system(LinuxError(call: "open", subject: path.string, code: .noSuchFileOrDirectory))
    }
    if isDirectory.boolValue {
      place = .folder
      guard FileManager.default.fileExists(atPath: path.appending("modules.json").string) else {
        throw .missingPart(source: name, part: "modules.json", hint: Self.hint)
      }
      return
    }
    let archive = try ZipArchive(try Self.map(path))
    let found = archive.entries.filter { $0.name == "modules.json" || $0.name.hasSuffix("/modules.json") }
    guard let first = found.first else { throw .missingPart(source: name, part: "modules.json", hint: Self.hint) }
    guard found.count == 1 else {
      throw .unsupported(
        source: name, what: "number of models", got: found.map(\.name).joined(separator: ", "),
        supported: "one modules.json")
    }
    place = .archive(archive, prefix: String(first.name.dropLast("modules.json".count)))
  }

  private static let hint = "expected a sentence-transformers folder, or a wheel or zip archive that holds one"

  /// A small file's bytes, nil where there is none. `part` is a path within the model's folder.
  func text(_ part: String) throws(EncoderModelError) -> [UInt8]? {
    try withBytes(part) { (bytes) throws(EncoderModelError) in
      guard bytes.count <= Self.longestText else {
        throw .malformedPart(
          source: name, part: part, got: "\(bytes.count) bytes", expected: "at most \(Self.longestText)")
      }
      return Array(bytes)
    }
  }

  /// A JSON file's contents; nil where there is none.
  func json<Value: Decodable>(_ part: String, as type: Value.Type) throws(EncoderModelError) -> Value? {
    guard let bytes = try text(part) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: Data(bytes))
    } catch {
      throw .malformedPart(source: name, part: part, got: jsonReason(error), expected: "\(type)")
    }
  }

  /// Calls `body` with a file's bytes, mapped or inflated; nil where there is no such file.
  func withBytes<Value>(
    _ part: String, _ body: (UnsafeRawBufferPointer) throws(EncoderModelError) -> Value
  ) throws(EncoderModelError) -> Value? {
    guard !part.hasPrefix("/"), !part.split(separator: "/").contains("..") else {
      throw .malformedPart(
        source: name, part: "modules.json", got: "the path \(part)", expected: "one within the folder")
    }
    switch place {
    case .folder:
      let file = path.appending(part)
      guard FileManager.default.fileExists(atPath: file.string) else { return nil }
      let mapped = try Self.map(file)
      return try withExtendedLifetime(mapped) { () throws(EncoderModelError) in try body(mapped.bytes) }
    case .archive(let archive, let prefix):
      guard let entry = archive.entries.first(where: { $0.name == prefix + part }) else { return nil }
      let contents = try archive.contents(of: entry)
      do {
        return try contents.withUnsafeBytes { try body($0) }
      } catch let error as EncoderModelError {
        throw error
      } catch {
        preconditionFailure("body throws only EncoderModelError: \(error)")
      }
    }
  }

  private static func map(_ path: FilePath) throws(EncoderModelError) -> MappedFile {
    do throws(LinuxError) {
      return try MappedFile(path: path)
    } catch {
      throw .system(error)
    }
  }
}
