/// What a request is called by its sender, given back with the reply as it came: a string, a number or null.
package struct RequestID: Hashable, Sendable {
  package let json: JSON

  /// Nil where JSON-RPC 2.0 has no such id.
  package init?(_ json: JSON) {
    switch json {
    case .string, .integer, .number, .null: self.json = json
    case .bool, .array, .object: return nil
    }
  }

  private init(known json: JSON) { self.json = json }

  /// The id of a reply to a request whose id could not be read.
  package static let unknown = RequestID(known: .null)
}
