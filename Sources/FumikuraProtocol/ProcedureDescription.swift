/// A method without its Swift types, for tables and for `rpc.discover`.
package struct ProcedureDescription: Hashable, Sendable {
  package let name: String
  package let summary: String
  package let isForAdministrators: Bool
  package let parameters: Shape.ObjectShape
  package let reply: Shape
}
