import Foundation

/// The weights of one module: `model.safetensors`, or the several files that `model.safetensors.index.json` lists.
final class WeightFiles {
  private let source: ModelSource
  private let part: String
  /// What the tensors lie in, kept for as long as they are read.
  private let bytes: [SourceBytes]
  private let files: [SafeTensors]
  /// Which of `files` has the tensor.
  private let places: [String: Int]
  private static let mostFiles = 1000

  /// `path` is the module's folder, empty or with a slash at its end.
  init(_ source: ModelSource, path: String) throws(EncoderModelError) {
    self.source = source
    let part = path + "model.safetensors"
    self.part = part
    if let whole = try source.bytes(part) {
      let file = try SafeTensors(whole.bytes, source: source.name, part: part)
      bytes = [whole]
      files = [file]
      places = file.tensors.mapValues { _ in 0 }
      return
    }
    let indexPart = part + ".index.json"
    guard let map = try source.tensorFiles(indexPart) else {
      throw .missingPart(
        source: source.name, part: part, hint: "other formats, such as pytorch_model.bin, are not read")
    }
    func broken(_ got: String, _ expected: String) -> EncoderModelError {
      .malformedPart(source: source.name, part: indexPart, got: got, expected: expected)
    }
    let names = Set(map.values).sorted()
    guard names.count <= Self.mostFiles else { throw broken("\(names.count) files", "at most \(Self.mostFiles)") }
    var (bytes, files, places): ([SourceBytes], [SafeTensors], [String: Int]) = ([], [], [:])
    for (number, name) in names.enumerated() {
      guard !name.contains("/") else { throw broken("the file \(name)", "one beside it") }
      guard let shard = try source.bytes(path + name) else {
        throw .missingPart(source: source.name, part: path + name, hint: "\(indexPart) names it")
      }
      let file = try SafeTensors(shard.bytes, source: source.name, part: path + name)
      for tensor in file.tensors.keys {
        guard places.updateValue(number, forKey: tensor) == nil else {
          throw broken("\(tensor) in two files", "each tensor in one")
        }
      }
      bytes.append(shard)
      files.append(file)
    }
    for (tensor, name) in map where places[tensor].map({ names[$0] }) != name {
      throw broken("\(tensor) in \(name)", places[tensor].map { "it in \(names[$0])" } ?? "a tensor that is there")
    }
    self.bytes = bytes
    self.files = files
    self.places = places
  }

  func has(_ name: String) -> Bool { places[name] != nil }

  /// As `SafeTensors.raw`.
  func raw(
    _ name: String, shape: [Int]
  ) throws(EncoderModelError) -> (type: WeightType, bytes: UnsafeRawBufferPointer) {
    try file(of: name).raw(name, shape: shape)
  }

  /// As `SafeTensors.floats`.
  func floats(_ name: String, shape: [Int]) throws(EncoderModelError) -> [Float] {
    try file(of: name).floats(name, shape: shape)
  }

  /// The error for a number that is none, in a tensor that there is.
  func notFinite(_ name: String, _ value: Float, at index: Int) -> EncoderModelError {
    files[places[name]!].notFinite(name, value, at: index)
  }

  private func file(of name: String) throws(EncoderModelError) -> SafeTensors {
    guard let place = places[name] else {
      throw .missingPart(
        source: source.name, part: "tensor \(name) in \(part)", hint: "it holds \(places.count) others")
    }
    return files[place]
  }
}

extension ModelSource {
  /// The tensors that an index lists, with the file of each; nil where there is no index. Their names are not turned
  /// into Swift's spelling, as other keys are.
  fileprivate func tensorFiles(_ part: String) throws(EncoderModelError) -> [String: String]? {
    struct Index: Decodable {
      let weightMap: [String: String]

      private enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
    }
    return try json(part, as: Index.self, keys: .useDefaultKeys)?.weightMap
  }
}
