/// What a model wants in front of a text, by what the text is: E5 was trained on "query: " and "passage: ".
package struct Prompts: Codable, Equatable, Sendable {
  package static let none = Prompts(query: "", passage: "")

  package let query: String
  package let passage: String

  package init(query: String, passage: String) {
    self.query = query
    self.passage = passage
  }

  package subscript(role: TextRole) -> String {
    switch role {
    case .query: query
    case .passage: passage
    case .plain: ""
    }
  }
}
