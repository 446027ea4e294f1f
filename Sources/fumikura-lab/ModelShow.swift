import ArgumentParser
import SentenceEncoder

struct ModelShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Say what a model is.",
    discussion: """
      The hash is the one that the file says it has, and that vectors are kept under; `fumi model verify` reads all of \
      the file and compares it.
      """)

  @Argument(help: "A name, or the path of an .fmodel file.") var model = "all-MiniLM-L6-v2"
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let shown = try ModelDescription(EncoderModel(contentsOf: ModelDirectories().file(of: model)))
    if json { return try Output.json(shown) }
    let width = shown.lines.map(\.label.count).max() ?? 0
    for (label, text) in shown.lines {
      try Output.line("\(label)\(String(repeating: " ", count: width - label.count))  \(text)")
    }
  }
}
