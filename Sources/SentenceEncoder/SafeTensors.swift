import Foundation

/// Reads the safetensors format: a length, a JSON table of contents, the numbers.
///
/// Every tensor's place is checked when the table is read: inside the file, as long as its shape says, and shared with
/// no other. Source: https://github.com/huggingface/safetensors#format
struct SafeTensors {
  struct Tensor: Equatable {
    let type: String
    let shape: [Int]
    /// Within the data, which follows the header.
    let range: Range<Int>
  }

  let tensors: [String: Tensor]
  private let source: String
  private let part: String
  private let data: UnsafeRawBufferPointer

  /// Bytes of one number of each type that the format knows.
  private static let widths = [
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1,
    "U8": 1,
    "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
  ]
  /// A hundred bytes a tensor: far more than a model of these families has.
  private static let longestHeader = 16 << 20

  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    private enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// `bytes` must outlive the reader. `source` and `part` name them in errors.
  init(_ bytes: UnsafeRawBufferPointer, source: String, part: String) throws(EncoderModelError) {
    self.source = source
    self.part = part
    func broken(_ got: String, _ expected: String) -> EncoderModelError {
      .malformedPart(source: source, part: part, got: got, expected: expected)
    }
    guard bytes.count >= 8 else { throw broken("\(bytes.count) bytes", "a safetensors file") }
    let claimed = LittleEndianBytes(bytes).u64(0)
    guard claimed <= UInt64(min(bytes.count - 8, Self.longestHeader)) else {
      throw broken("a header of \(claimed) bytes", "at most \(min(bytes.count - 8, Self.longestHeader))")
    }
    let headerEnd = 8 + Int(claimed)
    data = UnsafeRawBufferPointer(rebasing: bytes[headerEnd...])
    let table: [String: Entry]
    do {
      table = try JSONDecoder().decode(Table.self, from: Data(bytes[8..<headerEnd])).entries
    } catch {
      throw broken("a header that is no table of tensors (\(jsonReason(error)))", "JSON")
    }
    if let key = JSONMembers(UnsafeRawBufferPointer(rebasing: bytes[8..<headerEnd])).duplicateKey() {
      throw broken("the key \"\(key)\" twice in the header", "each key once")
    }
    var tensors: [String: Tensor] = [:]
    for (name, entry) in table {
      guard let width = Self.widths[entry.dtype] else {
        throw broken("\(name) of type \(entry.dtype)", Self.widths.keys.sorted().joined(separator: ", "))
      }
      guard entry.offsets.count == 2, case let (start, end) = (entry.offsets[0], entry.offsets[1]),
        0 <= start, start <= end, end <= data.count
      else { throw broken("\(name) at \(entry.offsets)", "two offsets within \(data.count) bytes") }
      var count = width
      for length in entry.shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: length)
        guard length >= 0, !overflow else { throw broken("\(name) of shape \(entry.shape)", "lengths that fit") }
        count = product
      }
      guard count == end - start else {
        throw broken("\(name) in \(end - start) bytes", "\(count) for \(entry.dtype) \(entry.shape)")
      }
      tensors[name] = Tensor(type: entry.dtype, shape: entry.shape, range: start..<end)
    }
    let placed = tensors.filter { !$0.value.range.isEmpty }.sorted {
      $0.value.range.lowerBound < $1.value.range.lowerBound
    }
    for (first, second) in zip(placed, placed.dropFirst())
    where second.value.range.lowerBound < first.value.range.upperBound {
      throw broken("\(first.key) and \(second.key) in the same bytes", "tensors apart")
    }
    self.tensors = tensors
  }

  /// A tensor's numbers as they lie in the file, and their type: F32, F16 or BF16. Its shape must be exactly `shape`.
  func raw(
    _ name: String, shape: [Int]
  ) throws(EncoderModelError) -> (type: WeightType, bytes: UnsafeRawBufferPointer) {
    guard let tensor = tensors[name] else {
      throw .missingPart(source: source, part: "tensor \(name) in \(part)", hint: "it holds \(tensors.count) others")
    }
    guard tensor.shape == shape else {
      throw .malformedPart(
        source: source, part: "\(name) in \(part)", got: "shape \(tensor.shape)", expected: "\(shape)")
    }
    guard let type = WeightType(rawValue: tensor.type) else {
      throw .unsupported(source: source, what: "type of \(name)", got: tensor.type, supported: WeightType.supported)
    }
    return (type, UnsafeRawBufferPointer(rebasing: data[tensor.range]))
  }

  /// The numbers of a tensor of exactly `shape`, row-major, widened to float32. All of them must be finite.
  func floats(_ name: String, shape: [Int]) throws(EncoderModelError) -> [Float] {
    let (type, bytes) = try raw(name, shape: shape)
    let result = type.floats(in: bytes)
    if let wrong = result.firstIndex(where: { !$0.isFinite }) { throw notFinite(name, result[wrong], at: wrong) }
    return result
  }

  /// The error for a number that is none.
  func notFinite(_ name: String, _ value: Float, at index: Int) -> EncoderModelError {
    .malformedPart(
      source: source, part: "\(name) in \(part)", got: "\(value) at \(index)", expected: "finite numbers")
  }

  /// The header: names to entries, with `__metadata__`, which is of another shape, passed over.
  private struct Table: Decodable {
    var entries: [String: Entry] = [:]

    private struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      for key in container.allKeys where key.stringValue != "__metadata__" {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }
}

/// The short reason of a failed decode: where and what, without Foundation's type names.
func jsonReason(_ error: any Error) -> String {
  func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
  }
  return switch error {
  case DecodingError.keyNotFound(let key, let context):
    "\((context.codingPath + [key]).map(\.stringValue).joined(separator: ".")) is missing"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
    DecodingError.dataCorrupted(let context):
    place(context)
  default: "\(error)"
  }
}
