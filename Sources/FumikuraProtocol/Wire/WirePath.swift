import FoundationEssentials

/// An absolute path. Paths are bytes; on the wire they are text, with the bytes in Base64 beside it where they are not
/// UTF-8.
package struct WirePath: Hashable, Sendable, CustomStringConvertible {
  /// Without a closing NUL.
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }
  package init(_ text: String) { bytes = Array(text.utf8) }

  /// The path as text, every byte that is not UTF-8 replaced by U+FFFD.
  package var description: String { String(decoding: bytes, as: UTF8.self) }

  package var isUTF8: Bool { String(validating: bytes, as: UTF8.self) != nil }

  /// Null unless the path is not UTF-8.
  package var base64: String? { isUTF8 ? nil : Data(bytes).base64EncodedString() }

  /// The bytes that `text` spells, nil where it is not Base64.
  static func decodeBase64(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { [UInt8]($0) } }

  /// The path that a message's `name` and `name_b64` spell; nil where neither is there.
  fileprivate static func read(_ name: String, from object: JSON.Object) throws(WireMismatch) -> WirePath? {
    if let json = object[name + "_b64"], json != .null {
      guard let bytes = json.string.flatMap(decodeBase64), bytes.first == UInt8(ascii: "/"), !bytes.contains(0) else {
        throw .wrongValue(place: name + "_b64", got: json.summary, expected: "an absolute path's bytes in Base64")
      }
      return WirePath(bytes: bytes)
    }
    guard let json = object[name], json != .null else { return nil }
    guard let text = json.string else {
      throw .wrongValue(place: name, got: json.summary, expected: Shape.absolutePath.expectation)
    }
    return WirePath(text)
  }

  /// As a reply tells a path: always as text, beside it the bytes where the text alone would lose them.
  fileprivate func writeBoth(_ name: String, into object: inout JSON.Object) {
    object.append(name, .string(description))
    object.append(name + "_b64", base64.json)
  }

  /// As a request gives a path: in one of the two ways.
  fileprivate static func writeEither(_ path: WirePath?, _ name: String, into object: inout JSON.Object) {
    let text = path.flatMap { $0.isUTF8 ? $0.description : nil }
    object.append(name, text.json)
    object.append(name + "_b64", path?.base64.json ?? .null)
  }
}

extension Field where Value == WirePath {
  /// A path that a reply always has, as `name` and `name_b64`.
  package static func path(
    _ name: String, _ property: any KeyPath<Owner, WirePath> & Sendable, _ summary: String
  ) -> Field {
    Field(
      members: [
        Shape.Member(name: name, summary: summary, shape: .absolutePath, isRequired: true),
        Shape.Member(
          name: name + "_b64", summary: "The path's bytes, where they are not UTF-8.", shape: .nullable(.base64),
          isRequired: true),
      ], isOptional: false,
      read: { object throws(WireMismatch) in
        guard let path = try WirePath.read(name, from: object) else {
          throw .missing(place: name, expected: Shape.absolutePath.expectation)
        }
        return path
      }, write: { owner, object in owner[keyPath: property].writeBoth(name, into: &object) })
  }
}

extension Field where Value == WirePath? {
  /// A path that a request may give as `name` or as `name_b64`. Whether one must be there is the form's `exactlyOneOf`.
  package static func path(
    _ name: String, _ property: any KeyPath<Owner, WirePath?> & Sendable, _ summary: String
  ) -> Field {
    Field(
      members: [
        Shape.Member(name: name, summary: summary, shape: .nullable(.absolutePath), isRequired: false),
        Shape.Member(
          name: name + "_b64", summary: "The path's bytes, in place of `\(name)`, where they are not UTF-8.",
          shape: .nullable(.base64), isRequired: false),
      ], isOptional: true, read: { object throws(WireMismatch) in try WirePath.read(name, from: object) },
      write: { owner, object in WirePath.writeEither(owner[keyPath: property], name, into: &object) })
  }
}
