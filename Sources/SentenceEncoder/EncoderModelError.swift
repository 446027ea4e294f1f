package import LinuxSystem

/// Why a model cannot be read, imported or found. Each case says what was got and what was expected.
package enum EncoderModelError: Error, Equatable, CustomStringConvertible {
  /// The operating system refused.
  case system(LinuxError)
  /// No model of that name: `searched` is where it was looked for, `available` what is there.
  case notFound(name: String, searched: String, available: [String])
  /// Not a model file, a damaged one, or one of another format version.
  case malformedModel(path: String, got: String, expected: String)
  /// A model file of an earlier format.
  case outdatedModel(path: String, version: Int)
  /// The bytes are not those that were written.
  case hashMismatch(path: String, got: SHA256Digest, expected: SHA256Digest)
  /// What an import was given lacks a part.
  case missingPart(source: String, part: String, hint: String)
  /// A part of what an import was given is broken.
  case malformedPart(source: String, part: String, got: String, expected: String)
  /// A model that is sound, but of a kind that is not supported.
  case unsupported(source: String, what: String, got: String, supported: String)

  package var description: String {
    switch self {
    case .system(let error):
      "\(error)"
    case .notFound(let name, let searched, let available):
      "no model \"\(name)\": looked for \(searched), where there \(available.isEmpty ? "is none" : "are \(available.joined(separator: ", "))"); scripts/fetch-model gets all-MiniLM-L6-v2 or multilingual-e5-small, fumi model import reads others"
    case .malformedModel(let path, let got, let expected):
      "\(path) is not a sound model file: got \(got), expected \(expected); import the model again"
    case .outdatedModel(let path, let version):
      "\(path) was made by an older version (model format \(version), expected \(ModelFileFormat.versions.lowerBound)): run scripts/fetch-model or fumi model import again"
    case .hashMismatch(let path, let got, let expected):
      "\(path) is damaged: its SHA-256 is \(got), expected \(expected); import the model again"
    case .missingPart(let source, let part, let hint):
      "\(source) has no \(part): \(hint)"
    case .malformedPart(let source, let part, let got, let expected):
      "\(part) in \(source) is broken: got \(got), expected \(expected)"
    case .unsupported(let source, let what, let got, let supported):
      "\(source) cannot be used: its \(what) is \(got), supported: \(supported)"
    }
  }
}
