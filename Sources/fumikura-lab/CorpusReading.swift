import Evaluation
import Foundation
import LinuxSystem
import SentenceEncoder
import SystemPackage
import TextExtraction

/// Reads passages to learn from: a text file with a passage a line, a folder in BEIR's form, or any folder of documents.
struct CorpusReading {
  /// Whose tokens decide how long a passage of a document is.
  let model: EncoderModel

  /// Every passage that `path` has; empty ones are left out.
  func passages(of path: FilePath) throws -> [(title: String, text: String)] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path.string, isDirectory: &isFolder) else {
      throw LabError.unusable("\(path): there is no such file or folder")
    }
    let passages: [(title: String, text: String)]
    if !isFolder.boolValue {
      passages = try TextLines(contentsOf: path).lines.map { ("", $0) }
    } else if FileManager.default.fileExists(atPath: path.appending("corpus.jsonl").string) {
      passages = try RetrievalDataset.passages(of: path).map { ($0.title, $0.text) }
    } else {
      passages = try documents(in: path)
    }
    return passages.filter { passage in passage.text.unicodeScalars.contains { !$0.properties.isWhitespace } }
  }

  /// The passages of all documents below a folder, cut as the daemon cuts them; a passage's heading is its title. Hidden
  /// files are left out, and links are not followed.
  private func documents(in folder: FilePath) throws -> [(title: String, text: String)] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.string)
      .filter { name in !name.split(separator: "/").contains { $0.hasPrefix(".") } }.sorted()
    let files = try names.map { folder.appending($0) }.filter { file in
      try FileManager.default.attributesOfItem(atPath: file.string)[.type] as? FileAttributeType == .typeRegular
    }
    let pool = ExtractionPool(
      worker: try Programs.sibling("fumikura-extract"), workers: 1, deadline: .seconds(30), memoryLimit: 512 << 20)
    defer { pool.stop() }
    let cutter = PassageCutter(for: model)
    let bar = LazyProgressBar("reading \(folder.lastComponent?.string ?? folder.string)")
    defer { bar.finish() }
    return try files.flatMap { file -> [(title: String, text: String)] in
      let descriptor = OwnedDescriptor(
        try FileDescriptor.open(file, .readOnly, options: [.closeOnExec, .nonBlocking, .noFollow]).rawValue)
      defer { bar.advance(by: 1, of: files.count) }
      // A file that has no text, or none that can be read, teaches nothing.
      guard case .text(let extracted) = pool.extract(descriptor, name: file) else { return [] }
      return cutter.passages(of: extracted).map { ($0.heading ?? "", $0.text) }
    }
  }
}
