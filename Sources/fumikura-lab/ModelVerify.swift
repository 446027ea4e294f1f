import ArgumentParser
import SentenceEncoder
import SystemPackage

struct ModelVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read every byte of a model, or of all that are found, and compare its hash.")

  @Argument(help: "A name, or the path of an .fmodel file (default: every model that `fumi model list` shows).")
  var model: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let directories = ModelDirectories()
    guard let model else { return try verifyAll(directories) }
    let checked = try EncoderModel(contentsOf: directories.file(of: model))
    try checked.verify()
    if json { return try Output.json(ModelDescription(checked)) }
    try Output.line("\(checked.path): whole, SHA-256 \(checked.hash)")
  }

  private func verifyAll(_ directories: ModelDirectories) throws {
    let files = try directories.all()
    var whole: [ModelDescription] = []
    for file in files {
      do {
        let checked = try EncoderModel(contentsOf: file)
        try checked.verify()
        whole.append(try ModelDescription(checked))
        if !json { try Output.line("\(file): whole, SHA-256 \(checked.hash)") }
      } catch let error as EncoderModelError {
        Output.remark("\(error)")
      }
    }
    if json { try Output.json(["models": whole]) }
    if files.isEmpty {
      Output.remark("no model in \(directories.folders.map(\.string).joined(separator: ", "))")
      throw ExitCode.withoutResults
    }
    if whole.count < files.count { throw ExitCode.error }
  }
}
