import ArgumentParser
import FumikuraProtocol

struct Similar: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find what is like a file, a passage or a text.",
    discussion: """
      Examples:
        fumi similar report.docx
        fumi similar --text 'the pump was serviced in May'
      """)

  @Argument(help: "An indexed file.")
  var file: PathArgument?

  @Option(help: ArgumentHelp("A passage, as search --json names it.", valueName: "number"))
  var passage: Int?

  @Option(help: "A text.")
  var text: String?

  @Option(name: [.long, .customShort("n")], help: "At most so many hits (1 to 100).")
  var limit = 10

  @Option(help: "Leave so many hits out first.")
  var offset = 0

  @OptionGroup(title: "Scope") var scope: ScopeOptions

  @Option(name: .customLong("group-by"), help: "What one hit stands for.")
  var grouping = Grouping.file

  @Option(name: .customLong("min-score"), help: "Only hits with at least this score.")
  var minimumScore: Double?

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard [file != nil, passage != nil, text != nil].count(where: { $0 }) == 1 else {
      throw ValidationError("Give exactly one of: a file, --passage, --text.")
    }
  }

  func run() throws {
    let parameters = SimilarParameters(
      path: file?.path, passageID: passage, text: text, limit: limit, offset: offset, shares: scope.sharesOrNil,
      pathGlob: scope.glob, types: scope.typesOrNil, grouping: grouping, minimumScore: minimumScore)
    try HitPrinter(.standardOutput).print(try connection.call(.similar, parameters), isQuiet: connection.json)
  }
}
