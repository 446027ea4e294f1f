import Evaluation
import LinearAlgebra
import PassageStore
import RateReduction
import SystemPackage

/// What is to be profiled, before it is encoded.
struct ProfilePassages {
  struct Passage {
    /// A title or heading; may be empty.
    let title: String
    let text: String
    /// What is encoded.
    let encoded: String
    /// The folders that it is kept in, the one that was named (or its share) first; empty where nothing is known of them.
    var folders: [String] = []
    /// A number for the file that it was cut from.
    var file = 0

    /// The folder that it is kept in; empty where nothing is known of it.
    var group: String { folders.joined(separator: "/") }
  }

  struct JudgedQuery {
    let text: String
    let judgements: Judgements
  }

  let name: String
  var passages: [Passage]
  /// Passages that there are, of which `passages` are a choice; reckoned from the files that were read where `isEstimated`.
  let total: Int
  var isEstimated = false
  /// Files that have text.
  var files: Int?
  /// Source vectors of `passages`, where they are known already.
  var vectors: Matrix?
  /// Bytes of the database for a passage, where there is one.
  var databaseBytes: Double?
  var judged: [JudgedQuery] = []

  /// A corpus with judgements. Of more passages than `limit` those that are judged relevant stay, and a random choice.
  init(_ dataset: RetrievalDataset, limit: Int, seed: UInt64) {
    name = dataset.name
    total = dataset.passages.count
    var rows = Array(dataset.passages.indices)
    if rows.count > limit {
      let relevant = Set(dataset.queries.flatMap { $0.judgements.gains.filter { $0.value > 0 }.keys })
      let others = rows.filter { !relevant.contains($0) }
      var generator = SeededGenerator(seed: seed)
      rows = relevant + generator.sample(max(0, limit - relevant.count), below: others.count).map { others[$0] }
      rows.sort()
    }
    passages = rows.map { row in
      let passage = dataset.passages[row]
      return Passage(title: passage.title, text: passage.text, encoded: passage.titleAndText)
    }
    let places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    judged = dataset.queries.map { query in
      let gains = query.judgements.gains.compactMap { row, gain in places[row].map { ($0, gain) } }
      return JudgedQuery(
        text: query.text,
        judgements: Judgements(
          gains: Dictionary(uniqueKeysWithValues: gains), unretrievable: query.judgements.unretrievable))
    }
  }

  /// What a daemon keeps.
  init(_ stored: StoredSample) {
    name = stored.shares.joined(separator: ", ")
    total = stored.total
    files = stored.files
    databaseBytes = stored.bytesPerPassage
    passages = stored.passages.map {
      Passage(
        title: $0.heading ?? "", text: $0.text, encoded: $0.text,
        folders: $0.folder.split(separator: "/").map(String.init), file: Int($0.file))
    }
    vectors = SourceVector.matrix(
      of: stored.passages.map { SourceVector($0.values.map { Float($0) }) },
      dimensions: stored.passages.first?.values.count ?? 0)
  }

  /// Which folders would be classes of a training, and whether they tell what is near; nil where there are not two.
  ///
  /// - Parameter vectors: source vectors of the passages.
  func folderClasses(_ vectors: Matrix, seed: UInt64) throws -> FolderClasses.Choice? {
    guard passages.contains(where: { !$0.folders.isEmpty }) else { return nil }
    let probes = ClassPrediction.probes(among: vectors.rows, seed: seed)
    return try FolderClasses.best(
      folders: passages.map(\.folders), files: passages.map(\.file), probes: probes, vectors: vectors.rows(at: probes),
      seed: seed)
  }

  /// Passages that were cut from files. Of passages with one text the first stays.
  init(name: String, cut: [Passage], total: Int, files: Int) {
    var seen = Set<[UInt8]>()
    self.name = name
    self.total = total
    self.files = files
    passages = cut.filter { seen.insert(Array($0.text.utf8)).inserted }
  }
}
