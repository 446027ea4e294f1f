import Foundation
import LinuxSystem

/// A model file made of the default one: the same tokens and nearly the same ranking, other vectors and another hash.
///
/// Its last layer adds one and the same vector to every token's, so that all texts lie close together, as E5's do: its
/// cosines of unrelated texts are far above the default model's of related ones.
enum SecondModel {
  /// - Parameters:
  ///   - path: where the file goes, replacing what is there at once.
  ///   - shift: what is added to each component; 0 leaves the vectors as they are.
  static func make(_ name: String, at path: String, shift: Float) throws {
    var bytes = Array(try Data(contentsOf: URL(filePath: try TestDaemon.model())))
    let count = Int(bytes[12]) | Int(bytes[13]) << 8 | Int(bytes[14]) << 16
    guard var header = try JSONSerialization.jsonObject(with: Data(bytes[24..<24 + count])) as? [String: Any],
      let parts = header["parts"] as? [String: [String: Any]]
    else { throw TestDaemon.Missing("the default model has no header as expected") }
    // That of the highest layer.
    let biases = parts.keys.filter { $0.hasPrefix("layer.") && $0.hasSuffix(".feedforward.norm.bias") }
    guard let last = biases.max(by: { $0.compare($1, options: .numeric) == .orderedAscending }),
      let offset = parts[last]?["offset"] as? Int, let shape = parts[last]?["shape"] as? [Int]
    else { throw TestDaemon.Missing("the default model has no last bias among \(parts.keys.sorted())") }
    header["name"] = name
    let json = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
    func aligned(_ number: Int) -> Int { (number + 63) / 64 * 64 }
    var data = Array(bytes[aligned(24 + count)..<(bytes.count - 32)])
    data.withUnsafeMutableBytes { raw in
      for index in 0..<shape[0] {
        let place = offset + 4 * index
        let value = raw.loadUnaligned(fromByteOffset: place, as: Float.self)
        raw.storeBytes(of: value + shift, toByteOffset: place, as: Float.self)
      }
    }
    let start = aligned(24 + json.count)
    bytes.removeSubrange(24...)
    withUnsafeBytes(of: UInt32(json.count).littleEndian) { bytes.replaceSubrange(12..<16, with: $0) }
    withUnsafeBytes(of: UInt64(start + data.count + 32).littleEndian) { bytes.replaceSubrange(16..<24, with: $0) }
    bytes += json
    bytes += [UInt8](repeating: 0, count: start - bytes.count)
    bytes += data
    bytes += SHA256Digest(of: bytes).bytes
    try Data(bytes).write(to: URL(filePath: path), options: .atomic)
  }
}
