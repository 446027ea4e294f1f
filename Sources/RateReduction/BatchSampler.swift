import LinearAlgebra

/// Draws the batches of a training.
struct BatchSampler {
  private let passages: any SourceRows
  private let queries: any SourceRows
  private let options: TrainingOptions
  private let teacher: Projector
  /// The pseudo-queries of each passage.
  private let owned: [[Int]]
  /// The passages that have pseudo-queries, and those that have none.
  private let asked: [Int]
  private let unasked: [Int]
  /// Those that the next steps take from, the last first.
  private var neighbourhoods: [[Int]]
  /// The passages of each class of two or more.
  private let members: [[Int]]

  init(
    passages: any SourceRows, queries: any SourceRows, owners: [Int], classes: [Int], options: TrainingOptions,
    teacher: Projector
  ) {
    self.passages = passages
    self.queries = queries
    self.options = options
    self.teacher = teacher
    var owned = [[Int]](repeating: [], count: passages.rows)
    for (query, owner) in owners.enumerated() { owned[owner].append(query) }
    self.owned = owned
    asked = owned.indices.filter { !owned[$0].isEmpty }
    unasked = owned.indices.filter { owned[$0].isEmpty }
    let hubs = asked.isEmpty ? Array(owned.indices) : asked
    var generator = SeededGenerator(seed: options.seed &+ 0xC2B2_AE3D_27D4_EB4F)
    neighbourhoods =
      Neighbourhoods(
        of: passages,
        pivots: (0..<options.neighbourhoods * options.steps(passages: passages.rows)).map { _ in
          hubs[generator.index(below: hubs.count)]
        },
        size: options.neighbourhoodSize, candidates: hubs.count < passages.rows ? hubs : nil
      ).rows
    var byClass: [Int: [Int]] = [:]
    for (row, label) in classes.enumerated() where label >= 0 { byClass[label, default: []].append(row) }
    let members = byClass.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    self.members = members.count > 1 ? members : []
  }

  var hasClasses: Bool { !members.isEmpty }

  mutating func next(using generator: inout SeededGenerator) -> ProjectorLoss<Float>.Batch {
    let chosen = passageRows(using: &generator)
    var (asked, labels, owners): ([Int], [Int], [Int]) = ([], [], [])
    for (label, passage) in chosen.enumerated() {
      let mine = owned[passage]
      let picked = generator.sample(options.pseudoQueriesPerPassage, below: mine.count)
      asked += picked.map { mine[$0] }
      owners += picked.map { _ in label }
    }
    var input = passages.rows(at: chosen).values
    input.append(contentsOf: queries.rows(at: asked).values)
    let distilled = Matrix(rows: chosen.count + asked.count, columns: passages.columns, values: input)
    if hasClasses {
      let rows = classRows(&labels, using: &generator)
      input.append(contentsOf: passages.rows(at: rows).values)
    }
    return ProjectorLoss<Float>.Batch(
      input: Matrix(rows: distilled.rows + labels.count, columns: passages.columns, values: input),
      passageCount: chosen.count, queryCount: asked.count, owners: owners, teacher: teacher.project(distilled),
      classLabels: labels)
  }

  /// A batch of passages: some of neighbourhoods, some drawn from all. Where only some passages have pseudo-queries, three
  /// quarters are of those, so that queries are learnt whatever part of a large corpus they were made of.
  private mutating func passageRows(using generator: inout SeededGenerator) -> [Int] {
    let batch = min(options.batch, passages.rows)
    var rows: [Int] = []
    var isTaken: Set<Int> = []
    func take(_ row: Int) {
      if rows.count < batch, isTaken.insert(row).inserted { rows.append(row) }
    }
    for _ in 0..<options.neighbourhoods {
      guard let near = neighbourhoods.popLast() else { break }
      let drawn = Int(Double(batch) * options.neighbourShare) / options.neighbourhoods
      for i in generator.sample(drawn, below: near.count) { take(near[i]) }
    }
    let (first, rest) = asked.isEmpty ? (unasked, []) : (asked, unasked)
    let most = rest.isEmpty ? batch : max(batch - rest.count, min(first.count, batch * 3 / 4))
    // As many more as there are that may be drawn again.
    for i in generator.sample(most + rows.count, below: first.count) where rows.count < most { take(first[i]) }
    for i in generator.sample(batch - rows.count, below: rest.count) { take(rest[i]) }
    return rows
  }

  /// A few passages of every class; of as many classes as there is room for where they are too many.
  private func classRows(_ labels: inout [Int], using generator: inout SeededGenerator) -> [Int] {
    let each = max(2, min(options.rowsPerClass, options.classRows / members.count))
    var rows: [Int] = []
    for label in generator.sample(max(2, options.classRows / each), below: members.count) {
      let picked = generator.sample(each, below: members[label].count)
      rows += picked.map { members[label][$0] }
      labels += picked.map { _ in label }
    }
    return rows
  }
}
