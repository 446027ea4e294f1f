/// How a message type reads and writes itself: its fields beside its initialiser, checked against each other by the
/// compiler.
///
/// ```swift
/// static let form = Form.reply("How far …", Self.init, Field("epoch", \.epoch, "…"), Field("took_ms", \.tookMilliseconds, "…"))
/// ```
package struct Form<Owner: Sendable>: Sendable {
  package let shape: Shape.ObjectShape
  let read: @Sendable (JSON.Object) throws(WireMismatch) -> Owner
  let write: @Sendable (Owner) -> JSON.Object

  /// The form of a request's parameters: what has a default may be left out, and nothing unknown may come.
  package static func parameters<each Value: Sendable>(
    _ summary: String, _ make: @escaping @Sendable (repeat each Value) -> Owner,
    _ fields: repeat Field<Owner, each Value>, exactlyOneOf: [String] = []
  ) -> Form {
    var members: [Shape.Member] = []
    for field in repeat each fields { members += field.members }
    return Form(summary, members, exactlyOneOf, make, repeat each fields)
  }

  /// The form of a reply or a part of one: every member is always there.
  package static func reply<each Value: Sendable>(
    _ summary: String, _ make: @escaping @Sendable (repeat each Value) -> Owner,
    _ fields: repeat Field<Owner, each Value>
  ) -> Form {
    var members: [Shape.Member] = []
    for field in repeat each fields {
      members += field.members.map {
        Shape.Member(name: $0.name, summary: $0.summary, shape: $0.shape, isRequired: true)
      }
    }
    return Form(summary, members, [], make, repeat each fields)
  }

  private init<each Value: Sendable>(
    _ summary: String, _ members: [Shape.Member], _ exactlyOneOf: [String],
    _ make: @escaping @Sendable (repeat each Value) -> Owner, _ fields: repeat Field<Owner, each Value>
  ) {
    shape = Shape.ObjectShape(summary: summary, members: members, exactlyOneOf: exactlyOneOf)
    read = { object throws(WireMismatch) in make(repeat try (each fields).read(object)) }
    write = { owner in
      var object = JSON.Object()
      for field in repeat each fields { field.write(owner, &object) }
      return object
    }
  }
}
