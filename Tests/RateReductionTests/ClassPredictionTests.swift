import LinearAlgebra
import Testing

@testable import RateReduction

@Suite("Whether classes tell what is near")
struct ClassPredictionTests {
  private static let (rows, clusters) = (600, 12)
  private let vectors = Corpus.clustered(rows: rows, columns: 48, seed: 21, clusters: clusters)
  private let cluster = Corpus.clusters(rows: rows, columns: 48, seed: 21, clusters: clusters)

  /// Files of four passages of one cluster each.
  private var files: [Int] {
    var seen: [Int: Int] = [:]
    return cluster.map { label in
      seen[label, default: 0] += 1
      return label * 1000 + (seen[label]! - 1) / 4
    }
  }

  /// A folder a file, drawn at random.
  private func randomFolders(_ count: Int, seed: UInt64) -> [Int] {
    var random = SeededGenerator(seed: seed)
    var folder: [Int: Int] = [:]
    return files.map { file in
      let chosen = folder[file] ?? random.index(below: count)
      folder[file] = chosen
      return chosen
    }
  }

  private func prediction(_ classes: [Int], files: [Int]? = nil) throws -> ClassPrediction {
    try ClassPrediction.of([classes], vectors: vectors, files: files ?? self.files, seed: 1)[0]
  }

  @Test func `classes that are what passages are about predict, by as much as counting says`() throws {
    let found = try prediction(cluster)
    // By the plain definition.
    let similarities = vectors.rowGram()
    let files = files
    var same = 0
    for row in 0..<Self.rows {
      let others = (0..<Self.rows).filter { files[$0] != files[row] }
        .sorted { (-similarities[row, $0], $0) < (-similarities[row, $1], $1) }
      same += others.prefix(10).count { cluster[$0] == cluster[row] }
    }
    #expect(abs(found.share - Double(same) / Double(10 * Self.rows)) < 1e-9)
    #expect(found.isPredictive, "\(found)")
    #expect(found.p == 1.0 / 2000)
    #expect(found.lift > 4 && found.chance > 0.05 && found.chance < 0.12, "\(found)")
    #expect(found.classCount == Self.clusters && found.passages == Self.rows && found.files == Set(files).count)
  }

  @Test(arguments: [2, 5, 30] as [Int]) func `folders that were drawn at random do not`(count: Int) throws {
    for seed: UInt64 in 1...5 {
      let found = try prediction(randomFolders(count, seed: seed))
      #expect(!found.isPredictive && abs(found.skill) < 0.08, "seed \(seed): \(found)")
    }
  }

  @Test func `passages of one file are no evidence`() throws {
    // Every passage twice, in files of its own: its nearest by far is in its file, and says nothing.
    let twice = vectors.rows(at: (0..<1200).map { $0 / 2 })
    let random = randomFolders(10, seed: 3)
    let found = try ClassPrediction.of(
      [(0..<1200).map { random[$0 / 2] }], vectors: twice, files: (0..<1200).map { $0 / 2 }, seed: 1)[0]
    #expect(!found.isPredictive, "\(found)")
  }

  @Test func `neighbours without a class count as misses, and classes of nothing as nothing`() throws {
    let half = cluster.enumerated().map { $0.offset % 2 == 0 ? $0.element : -1 }
    let whole = try prediction(cluster, files: Array(0..<Self.rows))
    let found = try prediction(half, files: Array(0..<Self.rows))
    #expect(found.share < whole.share / 3, "\(found), all of them \(whole)")
    let nothing = try prediction([Int](repeating: -1, count: Self.rows))
    #expect(nothing.share == 0 && nothing.p == 1 && !nothing.isPredictive && nothing.lift == 1)
  }

  @Test func `the same seed deals the same, and several classifications pay for being several`() throws {
    let random = randomFolders(5, seed: 9)
    let twice = try (0..<2).map { _ in
      try ClassPrediction.of([cluster, random], vectors: vectors, files: files, seed: 4)
    }
    #expect(twice[0] == twice[1])
    #expect(twice[0][0].p == 2.0 / 2000)
    #expect(ClassPrediction.probes(among: 10_000, seed: 2).count == ClassPrediction.sample)
    #expect(ClassPrediction.probes(among: 7, seed: 2) == Array(0..<7))
  }

  @Test func `counts that do not fit are refused`() {
    let error = #expect(throws: RateReductionError.self) { try prediction([0, 1]) }
    #expect("\(error!)" == "the classes: got 2, expected 600, one a passage")
  }
}
