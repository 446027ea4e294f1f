import Evaluation
import LinearAlgebra
package import RateReduction

/// Goes through the points of a plan, on each corpus, and measures every one.
///
/// What learns (PCA, MCR²) learns from the rows that are not held out, once for each number of dimensions. Ranked are
/// all rows. The step of the codes is fitted to all rows, as it is where codes are made: one number of their spread.
package struct ProfileSweep: Sendable {
  private let corpora: [ProfileCorpus]
  package let points: [ProfilePoint]
  private let seed: UInt64

  /// The time of a point, so to speak; a training is so many.
  private static let ticksOfTraining = 25
  private static let resamples = 4_000

  /// `corpora` must not be empty, and `points` hold the whole vectors as floats.
  package init(_ corpora: [ProfileCorpus], points: [ProfilePoint], seed: UInt64) {
    precondition(!corpora.isEmpty && points.contains { $0.method == .full && $0.bits == 32 && $0.rescorer == nil })
    self.corpora = corpora
    self.points = points
    self.seed = seed
  }

  /// What `progress` adds up to.
  package var ticks: Int {
    let trainings = trained.isEmpty ? 0 : trained.count + 1
    return corpora.count * (points.count + trainings * Self.ticksOfTraining) + formats.count
  }

  /// The dimensions that MCR² is trained for.
  private var trained: Set<Int> {
    Set(
      points.filter { $0.method == .mcr2 }.flatMap { point in
        [point.dimensions] + (point.rescorer == .wide ? [Self.wide(point.inputDimensions)] : [])
      })
  }

  /// The formats that are scanned, the smallest first.
  private var formats: [CodeFormat] {
    Set(points.compactMap(\.format)).sorted { ($0.bytesPerCode, $0.dimensions) < ($1.bytesPerCode, $1.dimensions) }
  }

  private static func wide(_ inputDimensions: Int) -> Int { min(StagedProjector.wideDimensions, inputDimensions) }

  /// - Parameters:
  ///   - scan: milliseconds that scans of a format take, by the number of codes, and how many codes the largest was
  ///     measured on where it was not all.
  ///   - control: of the rows as they are, the point whose training is to be held against distillation alone.
  ///   - progress: told as work is done how many more ticks it was.
  /// - Throws: ``ProfileError/nothingFound(name:queries:)``, and what trainings throw.
  package func run(
    scan: (CodeFormat) -> (milliseconds: [Int: Double], rows: Int?),
    control: ([ProfileRow]) -> ProfilePoint? = { _ in nil },
    progress: @escaping @Sendable (_ ticks: Int) -> Void = { _ in }
  ) throws -> [ProfileRow] {
    var measures = [[QualityMeasure]](repeating: [], count: points.count)
    var seconds: [Int: Double] = [:]
    var answers: [[[Answers]]] = []
    for (index, corpus) in corpora.enumerated() {
      let projectors = ProfileProjectors(corpus, seed: seed) { progress($0 * Self.ticksOfTraining) }
      answers.append(try answer(corpus, projectors, progress))
      for (place, found) in try measure(corpus, answers[index]).enumerated() { measures[place] += found }
      if index == 0 { seconds = projectors.trainingSeconds }
    }
    var times: [CodeFormat: (milliseconds: [Int: Double], rows: Int?)] = [:]
    for format in formats {
      times[format] = scan(format)
      progress(1)
    }
    var rows = zip(points, measures).map { point, measures in
      var cost = ProfileCost(
        of: point, databaseBytes: corpora[0].databaseBytes,
        trainingSeconds: point.method == .mcr2 ? seconds[point.dimensions] : nil)
      if let time = point.format.flatMap({ times[$0] }) {
        cost.scanMilliseconds = time.milliseconds
        cost.scannedRows = time.rows
      }
      let shares = corpora.map { corpus in
        min(1, Double(corpus.candidates(forBytes: point.codeBytes)) / Double(corpus.vectors.rows))
      }
      return ProfileRow(
        point: point, measures: measures, cost: cost, candidateShare: point.rescorer == nil ? nil : shares.max())
    }
    let controlled = control(rows).flatMap { chosen in
      points.firstIndex { $0 == chosen && $0.method == .mcr2 }
    }
    if let controlled { rows[controlled] = rows[controlled].over(distillation: try differences(controlled, answers)) }
    if !trained.isEmpty { progress(corpora.count * Self.ticksOfTraining) }
    return rows
  }

  /// What the rate reduction of a point is worth: for each measure, what it keeps more than distillation alone, trained
  /// here, does.
  private func differences(_ place: Int, _ answers: [[[Answers]]]) throws -> [Interval] {
    try zip(corpora, answers).flatMap { corpus, answers in
      let control = try ProfileProjectors(corpus, seed: seed, classes: .none) { _ in }.rows(points[place])
      return zip(corpus.queries, answers).map { queries, answers in
        let alone = Answers(
          place: place, control.rankings(for: queries.vectors, count: 10), queries.judgements, full: [])
        let series = [answers[place].gains, alone.gains, answers[full].gains]
        let means = BootstrapEstimate.means(
          of: series.map { Self.sums(of: $0, by: queries.units) }, resamples: Self.resamples, seed: seed)
        return Interval((means[0] - means[1]) / means[2])
      }
    }
  }

  /// The place of the whole vectors as floats.
  private var full: Int { points.firstIndex { $0.method == .full && $0.bits == 32 && $0.rescorer == nil }! }

  /// For each set of the corpus's questions, what each point answers, by its place.
  private func answer(
    _ corpus: ProfileCorpus, _ projectors: ProfileProjectors, _ progress: @Sendable (Int) -> Void
  ) throws -> [[Answers]] {
    var answers = corpus.queries.map { _ in [Answers]() }
    var fullTop: [[[Int]]] = []
    // The whole vectors go first: recall is counted against their first ten.
    for place in [full] + points.indices.filter({ $0 != full }) {
      let rows = try projectors.rows(points[place])
      for (set, queries) in corpus.queries.enumerated() {
        let rankings = rows.rankings(for: queries.vectors, count: 10)
        if place == full { fullTop.append(rankings) }
        answers[set].append(Answers(place: place, rankings, queries.judgements, full: fullTop[set]))
      }
      progress(1)
    }
    return answers.map { $0.sorted { $0.place < $1.place } }
  }

  /// For each point a measure of each set of the corpus's questions.
  private func measure(_ corpus: ProfileCorpus, _ answers: [[Answers]]) throws -> [[QualityMeasure]] {
    var measures = [[QualityMeasure]](repeating: [], count: points.count)
    for (set, queries) in corpus.queries.enumerated() {
      let found = answers[set]
      guard found[full].gains.contains(where: { $0 > 0 }) else {
        throw ProfileError.nothingFound(
          name: corpus.name, queries: "\(queries.judgements.count) \(queries.kind.rawValue) questions")
      }
      let bootstrap = BootstrapEstimate.means(
        of: found.map { Self.sums(of: $0.gains, by: queries.units) }, resamples: Self.resamples, seed: seed)
      for (place, point) in points.enumerated() {
        let whitened = point == point.whitened || point.method == .full ? nil : points.firstIndex(of: point.whitened)
        measures[place].append(
          QualityMeasure(
            corpus: corpus.name, queries: queries.kind, queryCount: queries.judgements.count,
            ndcgAt10: found[place].mean(\.gains), recallAt10: found[place].mean(\.recalls),
            recallOfFull: found[place].mean(\.overlaps), kept: Interval(bootstrap[place] / bootstrap[full]),
            overWhitened: whitened.map { Interval((bootstrap[place] - bootstrap[$0]) / bootstrap[full]) }))
      }
    }
    return measures
  }

  /// The sum of the gains of each unit, in the order in which units first come. What was drawn together is drawn again
  /// together: three questions of one passage are less than three of three.
  private static func sums(of gains: [Double], by units: [Int]) -> [Double] {
    var places: [Int: Int] = [:]
    var sums: [Double] = []
    for (gain, unit) in zip(gains, units) {
      if let place = places[unit] {
        sums[place] += gain
      } else {
        places[unit] = sums.count
        sums.append(gain)
      }
    }
    return sums
  }

  /// One point's figures for each question of a set.
  private struct Answers {
    let place: Int
    let gains: [Double]
    let recalls: [Double]
    let overlaps: [Double]

    init(place: Int, _ rankings: [[Int]], _ judgements: [Judgements], full: [[Int]]) {
      self.place = place
      let metrics = zip(rankings, judgements).map { RankingMetrics(ranking: $0, judgements: $1) }
      gains = metrics.map(\.ndcgAt10)
      recalls = metrics.map(\.recallAt10)
      overlaps = zip(rankings, full).map { found, full in
        Double(Set(found).intersection(full).count) / Double(max(1, full.count))
      }
    }

    func mean(_ values: KeyPath<Answers, [Double]>) -> Double {
      self[keyPath: values].reduce(0, +) / Double(self[keyPath: values].count)
    }
  }
}
