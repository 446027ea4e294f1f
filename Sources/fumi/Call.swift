import ArgumentParser
import FumikuraClient
import FumikuraProtocol

struct Call: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Call any method and print its result as JSON.",
    discussion: """
      Examples:
        fumi call health
        fumi call index.files '{"states": ["failed"], "limit": 5}'
        fumi call rpc.discover
      """)

  @Argument(help: "The method, such as index.status; rpc.discover lists all.")
  var method: String

  @Argument(help: "Its parameters as a JSON object; - reads them from standard input.")
  var parameters: String?

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let text = parameters == "-" ? Self.standardInput() : parameters ?? "{}"
    let json: JSON
    do throws(JSONSyntaxError) {
      json = try JSONReader.read(text)
    } catch {
      throw ValidationError("The parameters are not JSON: \(error).")
    }
    let result = try connection.connect().call(method, json) { progress in
      Terminal.printError(Terminal(isInteractive: true).safe("\(progress.message ?? "") \(progress.json.text)"))
    }
    Terminal.standardOutput.print(json: result)
  }

  private static func standardInput() -> String {
    var text = ""
    while let line = readLine(strippingNewline: false) { text += line }
    return text
  }
}
