import ArgumentParser
import SentenceEncoder
import SystemPackage

struct ModelList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the models that are found by name.")

  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let folders = ModelDirectories()
    var models: [ModelDescription] = []
    for file in try folders.all() {
      do {
        models.append(try ModelDescription(EncoderModel(contentsOf: file)))
      } catch let error as EncoderModelError {
        Output.remark("\(error)")
      }
    }
    if json {
      try Output.json(["models": models])
    } else if models.isEmpty {
      Output.remark("no model in \(folders.folders.map(\.string).joined(separator: ", "))")
    } else {
      try Output.table(
        header: ["name", "architecture", "path", "dimensions", "tokens", "MB"],
        rows: models.map {
          [$0.name, $0.architecture, $0.path, "\($0.dimensions)", "\($0.maximumTokens)", "\($0.bytes / 1_000_000)"]
        },
        left: 3)
    }
    if models.isEmpty { throw ExitCode.withoutResults }
  }
}
