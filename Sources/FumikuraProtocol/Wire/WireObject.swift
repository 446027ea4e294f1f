/// A message, or a part of one, that is a JSON object.
package protocol WireObject: WireValue {
  static var form: Form<Self> { get }
}

extension WireObject {
  package static var shape: Shape { .object(form.shape) }

  /// Reads leniently, as a client must that talks to a newer server: members it does not know are passed over.
  package static func decode(_ json: JSON) throws(WireMismatch) -> Self {
    guard let object = json.object else { throw mismatch(json) }
    return try form.read(object)
  }

  /// Reads strictly, as a server must: everything about `object` is checked against the shape first.
  package static func decodeStrictly(_ object: JSON.Object) throws(WireMismatch) -> Self {
    try form.shape.check(object, at: "")
    return try form.read(object)
  }

  package var json: JSON { .object(Self.form.write(self)) }
}
