import ArgumentParser
import FumikuraProtocol

extension SearchMode: ExpressibleByArgument {}
extension Grouping: ExpressibleByArgument {}

struct Search: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find files by meaning and by words.",
    discussion: """
      Examples:
        fumi search who approves travel costs
        fumi search --share documents --type pdf --limit 3 'harbour lease'
      """)

  @Argument(help: "What is looked for. Several words need no quotes.")
  var query: [String]

  @Option(name: [.long, .customShort("n")], help: "At most so many hits (1 to 100).")
  var limit = 10

  @Option(help: "Leave so many hits out first.")
  var offset = 0

  @OptionGroup(title: "Scope") var scope: ScopeOptions

  @Option(help: "Only files modified at or after a date or time.")
  var after: TimeArgument?

  @Option(help: "Only files modified before a date or time.")
  var before: TimeArgument?

  @Option(help: "How passages are ranked.")
  var mode = SearchMode.hybrid

  @Option(name: .customLong("group-by"), help: "What one hit stands for.")
  var grouping = Grouping.file

  @Option(name: .customLong("min-score"), help: "Only hits with at least this score.")
  var minimumScore: Double?

  @Option(
    name: .customLong("wait"),
    help: ArgumentHelp("Wait until what was saved before is searchable, at most so long.", valueName: "milliseconds"))
  var wait: Int?

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let parameters = SearchParameters(
      query: query.joined(separator: " "), limit: limit, offset: offset, shares: scope.sharesOrNil,
      pathGlob: scope.glob, types: scope.typesOrNil, modifiedAfter: after?.timestamp,
      modifiedBefore: before?.timestamp, mode: mode, grouping: grouping, minimumScore: minimumScore,
      waitForSyncMilliseconds: wait)
    try HitPrinter(.standardOutput).print(try connection.call(.search, parameters), isQuiet: connection.json)
  }
}
