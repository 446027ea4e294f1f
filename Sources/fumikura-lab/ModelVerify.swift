import ArgumentParser
import SentenceEncoder

struct ModelVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read every byte of a model and compare its hash.")

  @Argument(help: "A name, or the path of an .fmodel file.") var model = "all-MiniLM-L6-v2"
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let checked = try EncoderModel(contentsOf: ModelDirectories().file(of: model))
    try checked.verify()
    if json { return try Output.json(ModelDescription(checked)) }
    try Output.line("\(checked.path): whole, SHA-256 \(checked.hash)")
  }
}
