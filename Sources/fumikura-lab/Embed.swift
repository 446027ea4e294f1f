import ArgumentParser
import Evaluation
import Foundation
import LinearAlgebra
import SentenceEncoder
import SystemPackage

struct Embed: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn lines of text into vectors.",
    discussion: """
      Reads UTF-8 lines from standard input. Writes raw little-endian float32 to standard output: one unit row a line, in \
      order, without header. With --tokens, the model's token ids instead, a JSON array a line.

        fumi embed < lines.txt > vectors.f32
        echo "the cat sat" | fumi embed --tokens

      A line is taken as it stands; with --role, the prompt is put in front that the model was trained with for queries \
      or passages (E5: "query: ", "passage: ").
      """)

  @OptionGroup var encoding: EncodingOptions
  @Flag(help: "Print token ids as JSON instead of vectors.") var tokens = false
  @Option(help: "What the lines are, for models with prompts: query, passage or plain.") var role = TextRole.plain
  @Flag(help: .hidden) var json = false

  func run() throws {
    if isatty(0) == 1 { Output.remark("reading lines from the terminal; Ctrl-D ends them") }
    let lines = try TextLines(FileHandle.standardInput.readToEnd() ?? Data(), file: "(standard input)").lines
    let session = try EncodingSession(encoding)
    if lines.isEmpty { throw ExitCode.withoutResults }
    if tokens {
      for line in lines { try Output.json(session.model.tokenIDs(of: line, as: role)) }
      return
    }
    if isatty(1) == 1 {
      throw LabError.unusable("standard output is a terminal, and vectors are raw bytes: write to a file or a pipe")
    }
    try Output.write(littleEndian(try session.encode(lines, as: role, label: "encoding").values))
  }

  private func littleEndian(_ values: [Float]) -> Data {
    values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
  }
}
