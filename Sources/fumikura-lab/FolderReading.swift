import Evaluation
import FileWatching
import Foundation
import LinearAlgebra
import LinuxSystem
import Synchronization
import SystemPackage
import TextExtraction

/// Reads folders of documents as the daemon would: the same files left out, the same sandboxed workers, the same cuts.
struct FolderReading {
  let cutter: PassageCutter
  let workers: Int
  let seed: UInt64
  /// Passages that are enough: no further file is read then.
  let limit: Int

  /// The passages of files in random order until there are enough; files are read whole, so that a passage's neighbours
  /// come with it.
  func read(_ folders: [FilePath]) throws -> ProfilePassages {
    var files: [(root: ShareRoot, path: FilePath, folders: [String])] = []
    for folder in folders {
      let root: ShareRoot
      do { root = try ShareRoot(path: folder) } catch {
        throw LabError.unusable("\(folder): cannot be read: \(error)")
      }
      try Crawler().crawl(root, under: "", ignore: .standard) { entry in
        guard entry.attributes?.kind == .regular else { return }
        files.append(
          (root, entry.path, [folder.string] + entry.path.removingLastComponent().components.map(\.string)))
      }
    }
    let names = folders.map { $0.lexicallyNormalized().lastComponent?.string ?? $0.string }.joined(separator: ", ")
    guard !files.isEmpty else {
      throw LabError.unusable("\(names): got no file, expected documents (hidden files and programs' own are left out)")
    }
    var generator = SeededGenerator(seed: seed)
    let order = generator.sample(files.count, below: files.count).map { files[$0] }
    let outcome = try passages(of: order, label: "reading files of \(names)")
    // The share of files that was read tells, roughly, how many passages there are in all.
    let total =
      outcome.read == files.count
      ? outcome.passages.count : outcome.passages.count * files.count / max(1, outcome.read)
    for (reason, count) in outcome.without.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      Output.remark("\(count) files without text: \(reason)")
    }
    var passages = ProfilePassages(
      name: names, cut: Array(outcome.passages.prefix(limit)), total: total, files: outcome.withText)
    if outcome.read < files.count {
      Output.remark("read \(outcome.read) of \(files.count) files: they have \(limit) passages (--passages)")
      passages.isEstimated = true
    }
    return passages
  }

  private struct Outcome {
    var passages: [ProfilePassages.Passage] = []
    var read = 0
    var withText = 0
    /// Files without text, by reason.
    var without: [String: Int] = [:]
  }

  private func passages(
    of files: [(root: ShareRoot, path: FilePath, folders: [String])], label: String
  ) throws -> Outcome {
    let pool = ExtractionPool(
      worker: try Programs.sibling("fumikura-extract"), workers: workers, deadline: .seconds(60),
      memoryLimit: 512 << 20)
    let threads = WorkerThreads(name: "read", count: workers, priority: .query)
    let bar = ProgressBar(label, total: files.count)
    var outcome = Outcome()
    defer {
      threads.stop()
      pool.stop()
    }
    // A slice at a time, in order: which files are read does not depend on which worker is the quicker.
    for start in stride(from: 0, to: files.count, by: 64) where outcome.passages.count < limit {
      let slice = Array(files[start..<min(start + 64, files.count)])
      let found = Mutex([Int: (passages: [ProfilePassages.Passage], reason: String?)]())
      let group = DispatchGroup()
      for (place, file) in slice.enumerated() {
        group.enter()
        threads.submit {
          let result = extract(file.root, file.path, folders: file.folders, number: start + place, pool)
          found.withLock { $0[place] = result }
          bar.advance(by: 1)
          group.leave()
        }
      }
      group.wait()
      let results = found.withLock { $0 }
      for place in slice.indices {
        guard let (passages, reason) = results[place] else { continue }
        outcome.read += 1
        outcome.passages += passages
        if let reason { outcome.without[reason, default: 0] += 1 } else { outcome.withText += 1 }
      }
    }
    bar.finish(after: outcome.read)
    return outcome
  }

  private func extract(
    _ root: ShareRoot, _ path: FilePath, folders: [String], number: Int, _ pool: ExtractionPool
  ) -> (passages: [ProfilePassages.Passage], reason: String?) {
    let outcome: ExtractionOutcome
    do { outcome = pool.extract(try root.open(path, for: .content), name: path) } catch {
      return ([], "cannot be opened")
    }
    switch outcome {
    case .text(let text):
      let cut = cutter.passages(of: text).map {
        ProfilePassages.Passage(
          title: $0.heading ?? "", text: $0.text, encoded: $0.text, folders: folders, file: number)
      }
      return (cut, cut.isEmpty ? "no-text" : nil)
    case .skipped(let reason, _), .failed(let reason, _): return ([], reason)
    }
  }
}
