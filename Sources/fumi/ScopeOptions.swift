import ArgumentParser

/// Which files a command looks at.
struct ScopeOptions: ParsableArguments {
  @Option(name: [.customLong("share"), .customShort("s")], help: "Only this share; may be given again.")
  var shares: [String] = []

  @Option(name: .customLong("glob"), help: "Only paths that match, such as '/srv/**/*.pdf'.")
  var glob: String?

  @Option(
    name: [.customLong("type"), .customShort("t")], help: "Only this type (pdf, docx, html …); may be given again.")
  var types: [String] = []

  var sharesOrNil: [String]? { shares.isEmpty ? nil : shares }
  var typesOrNil: [String]? { types.isEmpty ? nil : types }
}
