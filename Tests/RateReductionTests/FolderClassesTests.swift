import LinearAlgebra
import Testing

@testable import RateReduction

@Suite("Classes of folders")
struct FolderClassesTests {
  /// So many files of four passages in a folder.
  private func passages(_ folders: [(path: String, files: Int)]) -> (folders: [[String]], files: [Int]) {
    var (names, files): ([[String]], [Int]) = ([], [])
    var file = 0
    for folder in folders {
      let path = folder.path.split(separator: "/").map(String.init)
      for _ in 0..<folder.files {
        names += [[String]](repeating: path, count: 4)
        files += [Int](repeating: file, count: 4)
        file += 1
      }
    }
    return (names, files)
  }

  private func classes(at level: Int, _ folders: [(path: String, files: Int)]) -> [Int] {
    let (names, files) = passages(folders)
    let classes = FolderClasses.classes(at: level, folders: names, files: files)
    // One a folder is enough to see: all of a folder are alike.
    var row = 0
    return folders.map { folder in
      defer { row += 4 * folder.files }
      #expect(Set(classes[row..<row + 4 * folder.files]).count == 1)
      return classes[row]
    }
  }

  @Test func `folders are classes up to a level, small ones are one with their parents, and a share's own are none`() {
    let folders = [("s/a/x", 3), ("s/a/y", 3), ("s/a/z", 1), ("s/b", 3), ("s", 5), ("t/c", 1), ("s/a", 1)]
    #expect(classes(at: 1, folders) == [0, 0, 0, 0, 0, -1, 0])
    #expect(classes(at: 2, folders) == [0, 0, 0, 1, -1, -1, 0])
    #expect(classes(at: 3, folders) == [0, 1, 2, 3, -1, -1, 2])
    #expect(classes(at: 4, folders) == classes(at: 3, folders))
  }

  @Test func `two shares are two classes at the first level`() {
    #expect(classes(at: 1, [("s/a", 3), ("t/b", 4), ("t", 2)]) == [0, 1, 1])
  }

  @Test func `where folders are too many the small ones go up until few enough are left`() {
    let many = (0..<350).map { ("s/p\($0 % 10)/f\($0)", $0 < 50 ? 8 : 2) }
    let found = classes(at: 3, many)
    #expect(Set(found).count <= FolderClasses.mostClasses)
    // The large ones stay.
    #expect(Set(found[0..<50]).count == 50)
  }

  private static let (rows, clusters) = (480, 6)
  private let vectors = Corpus.clustered(rows: rows, columns: 40, seed: 5, clusters: clusters)
  private let cluster = Corpus.clusters(rows: rows, columns: 40, seed: 5, clusters: clusters)

  @Test func `the level that tells what is near is chosen, whatever is above and below it`() throws {
    var random = SeededGenerator(seed: 77)
    print("seed 77")
    // Files of one passage; by year at random, below it by subject, below that at random again.
    let folders = (0..<Self.rows).map { row in
      ["s", "subject \(cluster[row])", "year \(random.index(below: 4))"]
    }
    let choice = try #require(
      try FolderClasses.best(
        folders: folders, files: Array(0..<Self.rows), probes: Array(0..<Self.rows), vectors: vectors, seed: 1))
    #expect(choice.level == 2 && choice.prediction.isPredictive, "\(choice.description)")
    let pairs = zip(0..<Self.rows, 1..<Self.rows)
    #expect(pairs.allSatisfy { (choice.classes[$0] == choice.classes[$1]) == (cluster[$0] == cluster[$1]) })
    let shuffled = folders.shuffled(using: &random)
    let refused = try #require(
      try FolderClasses.best(
        folders: shuffled, files: Array(0..<Self.rows), probes: Array(0..<Self.rows), vectors: vectors, seed: 1))
    #expect(!refused.prediction.isPredictive, "\(refused.description)")
  }

  @Test func `one folder, or one file a folder, is no choice`() throws {
    let files = Array(0..<Self.rows)
    func best(_ folders: [[String]], _ files: [Int]) throws -> FolderClasses.Choice? {
      try FolderClasses.best(
        folders: folders, files: files, probes: Array(0..<Self.rows), vectors: vectors, seed: 1)
    }
    #expect(try best(files.map { _ in ["s", "a"] }, files) == nil)
    #expect(try best(files.map { ["s", "\($0 % 5)"] }, files.map { $0 % 5 }) == nil)
  }
}
