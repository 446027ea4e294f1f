@testable import SentenceEncoder

extension UnigramTokenizer {
  /// The tokenizer of an import, by way of its parts, without a model file around them.
  init(_ imported: UnigramImport, vocabulary: Int) throws(EncoderModelError) {
    try self.init(imported.description, PartsMemory(imported.parts), vocabulary: vocabulary)
  }

  init(_ description: UnigramDescription, _ memory: PartsMemory, vocabulary: Int) throws(EncoderModelError) {
    try self.init(
      description, vocabulary: vocabulary, owner: memory,
      malformed: { .malformedModel(path: "memory", got: $0, expected: $1) },
      part: { (name, number) throws(EncoderModelError) in
        guard let part = memory.parts[name], part.number == number else {
          throw .malformedModel(path: "memory", got: "no part \(name) of \(number)", expected: "one")
        }
        return part.bytes
      })
  }
}

/// Parts of a model file, aligned as they are there.
final class PartsMemory {
  let parts: [String: (number: EncoderModelHeader.Part.Number, bytes: UnsafeRawBufferPointer)]

  init(_ parts: [ModelFileFormat.NamedPart]) {
    self.parts = Dictionary(
      uniqueKeysWithValues: parts.map { part in
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: part.byteCount, alignment: 64)
        var filled = 0
        try! part.produce { bytes in
          UnsafeMutableRawBufferPointer(rebasing: memory[filled...]).copyMemory(from: bytes)
          filled += bytes.count
        }
        precondition(filled == memory.count)
        return (part.name, (part.number, UnsafeRawBufferPointer(memory)))
      })
  }

  deinit {
    for part in parts.values { part.bytes.deallocate() }
  }
}
