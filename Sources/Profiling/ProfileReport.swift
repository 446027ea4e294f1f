package import RateReduction

/// All that a profile says, as `fumi profile --json` prints it.
package struct ProfileReport: Sendable, Encodable {
  /// What was profiled.
  package struct Source: Sendable, Encodable {
    package let name: String
    /// Passages measured, and how many there are, or about how many, reckoned from the files that were read.
    package let passages: Int
    package let of: Int
    package let isEstimated: Bool
    /// Files that had text; nil where there are none.
    package let files: Int?
    package let heldOutPassages: Int
    package let heldOutQuestions: Int
    package let judgedQueries: Int

    package init(
      name: String, passages: Int, of: Int, isEstimated: Bool = false, files: Int?, heldOutPassages: Int,
      heldOutQuestions: Int, judgedQueries: Int
    ) {
      self.name = name
      self.passages = passages
      self.of = of
      self.isEstimated = isEstimated
      self.files = files
      self.heldOutPassages = heldOutPassages
      self.heldOutQuestions = heldOutQuestions
      self.judgedQueries = judgedQueries
    }

    enum CodingKeys: String, CodingKey {
      case name, passages, of, files
      case isEstimated = "of_is_estimate"
      case heldOutPassages = "held_out_passages"
      case heldOutQuestions = "held_out_questions"
      case judgedQueries = "judged_queries"
    }
  }

  package let model: String
  package let seed: UInt64
  package let sources: [Source]
  package let thresholds: ProfileThresholds
  package let structure: ClusterStructure
  /// Which folders would be classes of a training, and whether they tell what is near; nil where there are not two.
  package let folders: FolderClasses.Choice?
  package let rows: [ProfileRow]
  package let recommendation: Recommendation

  package init(
    model: String, seed: UInt64, sources: [Source], thresholds: ProfileThresholds, structure: ClusterStructure,
    folders: FolderClasses.Choice? = nil, rows: [ProfileRow]
  ) {
    self.model = model
    self.seed = seed
    self.sources = sources
    self.thresholds = thresholds
    self.structure = structure
    self.folders = folders
    self.rows = rows
    recommendation = Recommendation(from: rows, thresholds: thresholds, structure: structure)
  }

  enum CodingKeys: String, CodingKey {
    case model, seed, sources, thresholds, structure, folders, results, recommendation
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(seed, forKey: .seed)
    try container.encode(sources, forKey: .sources)
    try container.encode(thresholds, forKey: .thresholds)
    try container.encode(structure, forKey: .structure)
    try container.encode(folders.map(FolderFinding.init), forKey: .folders)
    try container.encode(rows, forKey: .results)
    try container.encode(recommendation, forKey: .recommendation)
  }
}
