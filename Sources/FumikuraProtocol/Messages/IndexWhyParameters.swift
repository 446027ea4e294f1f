/// Parameters of `index.why`: the path is not nil once they are checked.
package struct IndexWhyParameters: WireObject, Hashable {
  package var path: WirePath?

  package init(path: WirePath? = nil) {
    self.path = path
  }

  package static let form = Form<IndexWhyParameters>.parameters(
    "Which path.",
    Self.init,
    Field.path("path", \IndexWhyParameters.path, "The absolute path that is asked about."),
    exactlyOneOf: ["path", "path_b64"])
}
