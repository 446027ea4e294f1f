import ArgumentParser
import SentenceEncoder

struct ModelShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Say what a model is.")

  @Argument(help: "A name, or the path of an .fmodel file.") var model = "all-MiniLM-L6-v2"
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let shown = try ModelDescription(EncoderModel(contentsOf: ModelDirectories().file(of: model)))
    if json { return try Output.json(shown) }
    try Output.line(shown.summary)
    try Output.line("path: \(shown.path)")
    try Output.line("size: \(shown.bytes) bytes")
    try Output.line("hash: \(shown.hash)")
  }
}
