import RateReduction

/// How small is small enough: the fewest bytes whose kept share surely reaches the threshold, and why nothing else.
///
/// A pure function of what was measured. Only what the daemon can be told to do is recommended: codes of whitened PCA and
/// of MCR². MCR² must earn its training: it counts only where it is above whitened PCA in the same bytes beyond noise on
/// held-out questions, and not below it beyond noise on any others.
package struct Recommendation: Sendable, Hashable {
  /// Nil where nothing that the daemon can do was measured within the bytes allowed.
  package let point: ProfilePoint?
  /// Whether it reaches the threshold; if not, it is the best there is within the bytes allowed.
  package let isReached: Bool
  /// Whether MCR² is above whitened PCA beyond noise anywhere; nil where it was not measured.
  package let rateReductionHelps: Bool?
  /// Whether the training of what is recommended is better by distillation alone, beyond noise; nil where that was not
  /// measured.
  package let rateReductionLoses: Bool?
  /// What to do, in one sentence.
  package let sentence: String
  /// Why, and what was rejected why; a sentence each.
  package let reasons: [String]
  /// Lines for `fumikura.toml`.
  package let configuration: [String]

  /// Smaller ones named among the reasons, at most.
  private static let namedRejections = 3
  /// Where more of the passages than this are ranked again, the second stage alone is measured.
  private static let largeShare = 0.05

  package init(from rows: [ProfileRow], thresholds: ProfileThresholds, structure: ClusterStructure) {
    let deployable = rows.filter(\.point.isDeployable)
    let affordable = deployable.filter { $0.point.bytes <= thresholds.bytes }
    let earned = affordable.filter { $0.point.method != .mcr2 || $0.beatsWhitened }
    let chosen =
      earned.filter { $0.deciding.kept.low >= thresholds.kept }.min(by: Self.isSmaller)
      ?? earned.max { Self.rank($0) < Self.rank($1) }
    let trained = deployable.filter { $0.point.method == .mcr2 }
    let helps = trained.isEmpty ? nil : trained.contains(where: \.beatsWhitened)
    point = chosen?.point
    rateReductionHelps = helps
    rateReductionLoses = chosen?.losesToDistillation
    isReached = chosen.map { $0.deciding.kept.low >= thresholds.kept } ?? false
    var reasons: [String] = []
    if let chosen {
      sentence =
        isReached
        ? Self.advice(chosen, thresholds) : Self.shortfall(chosen, thresholds)
      if let rival = Self.rival(of: chosen, in: deployable) { reasons.append(Self.against(rival, chosen)) }
      if let share = chosen.candidateShare, share > Self.largeShare {
        reasons.append(
          "Its second stage ranks \(Int((share * 100).rounded())) % of these passages again; of more passages that is a "
            + "smaller share, and finds less: --size N measures it as it will be with N.")
      }
      reasons += Self.rejections(chosen, deployable, thresholds)
      if let plain = Self.plainMethods(chosen, rows) { reasons.append(plain) }
      if let loses = chosen.losesToDistillation { reasons.append(Self.worth(chosen, loses: loses)) }
      configuration = Self.configuration(chosen)
    } else {
      let smallest = deployable.map(\.point.bytes).min()
      sentence =
        "Nothing can be recommended: "
        + (smallest.map { "the smallest codes measured take \($0) bytes, more than the \(thresholds.bytes) allowed" }
          ?? "no code of whitened PCA or MCR² was measured that the daemon can make") + "."
      configuration = []
    }
    if helps == false {
      reasons.append(Self.littleStructure(trained, structure))
    } else {
      let doubt = structure.isScattered ? ": folders would make poor classes" : ""
      reasons.append("The documents' structure: \(structure.words)\(doubt).")
    }
    self.reasons = reasons
  }

  /// Fewer bytes first; then one stage before two; then what keeps more.
  private static func isSmaller(_ a: ProfileRow, _ b: ProfileRow) -> Bool {
    if a.point.bytes != b.point.bytes { return a.point.bytes < b.point.bytes }
    if (a.point.rescorer == nil) != (b.point.rescorer == nil) { return a.point.rescorer == nil }
    return rank(b) < rank(a)
  }

  /// More is better: the sure share, then fewer bytes.
  private static func rank(_ row: ProfileRow) -> (Double, Int) { (row.deciding.kept.low, -row.point.bytes) }

  private static func advice(_ chosen: ProfileRow, _ thresholds: ProfileThresholds) -> String {
    let point = chosen.point
    return "Use \(point.name) (\(point.bytes) bytes a passage, \(times(point)) times smaller than float vectors): it "
      + "\(keeps(chosen)), and nothing smaller that was measured surely keeps \(short(thresholds.kept))."
  }

  private static func shortfall(_ best: ProfileRow, _ thresholds: ProfileThresholds) -> String {
    "Nothing of \(thresholds.bytes) bytes or fewer surely keeps \(short(thresholds.kept)): the best, \(best.point.name) "
      + "(\(best.point.bytes) bytes), \(keeps(best)); ask for less (--kept), allow more (--bytes), or give more questions, "
      + "which makes intervals narrower."
  }

  /// The other method in the same form.
  private static func rival(of chosen: ProfileRow, in rows: [ProfileRow]) -> ProfileRow? {
    rows.first {
      $0.point.method != chosen.point.method && $0.point.whitened == chosen.point.whitened
    }
  }

  private static func against(_ rival: ProfileRow, _ chosen: ProfileRow) -> String {
    if chosen.point.method == .mcr2 {
      return
        "Whitened PCA in the same bytes \(keeps(rival)); MCR² is \(difference(chosen)) above it on held-out questions."
    }
    return "MCR² in the same bytes \(keeps(rival)): \(difference(rival)) to whitened PCA on held-out questions, "
      + (rival.beatsWhitened
        ? "but it is not the surer one." : "not above it beyond noise, so its training is not worth it.")
  }

  /// The best of each smaller size, the largest of them first.
  private static func rejections(
    _ chosen: ProfileRow, _ rows: [ProfileRow], _ thresholds: ProfileThresholds
  ) -> [String] {
    let smaller = Dictionary(grouping: rows.filter { $0.point.bytes < chosen.point.bytes }, by: \.point.bytes)
    return smaller.sorted { $0.key > $1.key }.prefix(namedRejections).compactMap { bytes, rows in
      guard let best = rows.max(by: { rank($0) < rank($1) }) else { return nil }
      let why =
        best.deciding.kept.low < thresholds.kept
        ? "\(best.deciding.kept.value < thresholds.kept ? "" : "its lower bound is ")below \(short(thresholds.kept))"
        : "enough, but not above whitened PCA beyond noise (\(difference(best))), which alone is not enough there"
      return "Rejected: \(best.point.name), \(bytes) bytes, \(keeps(best)): \(why)."
    }
  }

  /// What methods without any learning keep in the same bytes.
  private static func plainMethods(_ chosen: ProfileRow, _ rows: [ProfileRow]) -> String? {
    let plain = [ProjectionMethod.pca, .truncate, .random].compactMap { method in
      rows.filter {
        $0.point.method == method && $0.point.bytes == chosen.point.bytes && $0.point.rescorer == chosen.point.rescorer
      }.max { rank($0) < rank($1) }
    }
    guard !plain.isEmpty else { return nil }
    let parts = plain.map { "\($0.point.name) \(short($0.deciding.kept.value))" }
    return "In as many bytes others keep at best: \(parts.joined(separator: "; "))."
  }

  private static func littleStructure(_ trained: [ProfileRow], _ structure: ClusterStructure) -> String {
    let best = trained.max { ($0.heldOut?.overWhitened?.low ?? -1) < ($1.heldOut?.overWhitened?.low ?? -1) }
    let figure = best.map { " (at best \(difference($0)), \($0.point.name))" } ?? ""
    return
      "These documents have too little cluster structure for MCR² to help: in no form is it above whitened PCA in the "
      + "same bytes beyond noise on held-out questions\(figure); \(structure.words)."
  }

  /// What the rate reduction itself is worth.
  private static func worth(_ row: ProfileRow, loses: Bool) -> String {
    let figures = row.measures.compactMap { measure in
      measure.overDistillation.map { "\(interval($0)) on \(measure.queries.rawValue) questions" }
    }
    return "Its rate reduction against distillation alone (β 0): \(figures.joined(separator: ", ")); "
      + (loses
        ? "that is a loss beyond noise, so train by distillation alone: classes = \"none\"."
        : row.measures.contains { ($0.overDistillation?.low ?? 0) > 0 }
          ? "that is a gain beyond noise." : "no loss beyond noise, so it stays.")
  }

  private static func configuration(_ row: ProfileRow) -> [String] {
    let point = row.point
    return [
      "[projector]", "dimensions = \(point.dimensions)", "bits = \(point.bits)",
      "rescore = \(point.rescorer != nil)", "train = \(point.method == .mcr2)",
    ] + (row.losesToDistillation == true ? ["classes = \"none\""] : [])
  }

  private static func times(_ point: ProfilePoint) -> String {
    let ratio = Double(point.inputDimensions * 4) / Double(point.bytes)
    return ratio < 10 ? ratio.formatted(decimals: 1) : ratio.formatted(decimals: 0)
  }

  /// "keeps 0.985 (0.974 to 0.993) of the whole vectors' nDCG@10 on 1187 held-out questions".
  private static func keeps(_ row: ProfileRow) -> String {
    let measure = row.deciding
    return
      "keeps \(short(measure.kept.value)) (\(short(measure.kept.low)) to \(short(measure.kept.high))) of the whole "
      + "vectors' nDCG@10 on \(measure.queryCount) \(measure.queries.rawValue) questions"
  }

  private static func difference(_ row: ProfileRow) -> String {
    guard let found = row.heldOut?.overWhitened else { return "not measured" }
    return interval(found)
  }

  private static func interval(_ found: Interval) -> String {
    "\(signed(found.value)) (\(signed(found.low)) to \(signed(found.high)))"
  }

  private static func short(_ value: Double) -> String { value.formatted(decimals: 3) }

  private static func signed(_ value: Double) -> String { (value < 0 ? "−" : "+") + short(abs(value)) }
}
