import ArgumentParser
import Foundation
import LinuxSystem
import SystemPackage
import TextExtraction

struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what the sandboxed worker makes of files.",
    discussion: """
      Each file is read as the daemon reads it: by a process of its own that can open nothing else. With --json a line for \
      each file: path, type, state (indexed, partial, skipped, failed), reason, title, text. Without, the text itself, and \
      on standard error what has none.

      Exit: 0 where any file has text, 1 where none has, 2 where one cannot be opened (the others are read all the same).

        fumi extract report.pdf
        find . -type f -print0 | xargs -0 fumi extract --json
      """)

  @Argument(help: "Files to read.", completion: .file()) var files: [String]
  @Flag(help: "Print JSON, an object a line.") var json = false
  @Option(help: "Seconds that a file may take.") var deadline = 30
  @Option(help: "Megabytes of memory that a worker may use.") var memory = 512

  func run() throws {
    let pool = ExtractionPool(
      worker: try Programs.sibling("fumikura-extract"), workers: 1, deadline: .seconds(deadline),
      memoryLimit: memory << 20)
    defer { pool.stop() }
    var found = 0
    var unreadable = 0
    for file in files {
      let path = FilePath(file)
      do {
        let outcome = pool.extract(try open(path), name: path)
        if case .text = outcome { found += 1 }
        try show(ExtractionRecord(path: file, outcome: outcome), outcome)
      } catch let error as Errno {
        Output.remark("\(file): cannot be read: \(error)")
        unreadable += 1
      }
    }
    if unreadable > 0 { throw ExitCode.error }
    if found == 0 { throw ExitCode.withoutResults }
  }

  /// Symbolic links are followed: who runs this names the file and may read it.
  private func open(_ path: FilePath) throws -> OwnedDescriptor {
    OwnedDescriptor(
      try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]).rawValue)
  }

  private func show(_ record: ExtractionRecord, _ outcome: ExtractionOutcome) throws {
    if json { return try Output.json(record) }
    if let text = record.text {
      if files.count > 1 { try Output.line("==> \(record.path) <==") }
      try Output.line(text)
    }
    switch outcome {
    case .text(let extracted):
      if let partial = extracted.partial { Output.remark("\(record.path): cut: \(partial)") }
    case .skipped(let reason, let detail), .failed(let reason, let detail):
      Output.remark("\(record.path): \(record.state): \(reason)\(detail.map { " (\($0))" } ?? "")")
    }
  }
}
