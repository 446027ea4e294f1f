import Evaluation
import Profiling
import RateReduction

/// A profile for people: a line for each way, then what to do.
struct ProfileTable {
  private let report: ProfileReport

  init(_ report: ProfileReport) { self.report = report }

  func print() throws {
    for source in report.sources { try Output.line(words(source)) }
    try Output.line("")
    let sets = report.rows[0].measures
    let header =
      ["", "method", "code", "stages", "bytes"]
      + sets.flatMap { [title($0), "interval", "nDCG@10", "of its 10"] } + [
        "over PCA", "scan 10k", "100k", "1M ms", "MB at 1M", "training s", "DB bytes",
      ]
    try Output.table(header: header, rows: report.rows.map(cells), left: 4)
    try Output.line("")
    try Output.line(
      "kept: share of the whole vectors' nDCG@10, with its 95 % interval; of its 10: share of the whole vectors' first ten; "
        + "over PCA: kept above whitened PCA in the same bytes, held-out questions; scans on one thread")
    if let rows = report.rows.compactMap(\.cost.scannedRows).min() {
      try Output.line("scans of 1M marked ~ were measured on \(rows) codes or more and reckoned in proportion")
    }
    try Output.line("")
    try Output.line(report.recommendation.sentence)
    for reason in report.recommendation.reasons { try Output.line("- \(reason)") }
    if let folders = report.folders {
      let use =
        folders.prediction.isPredictive ? "a training tries them as classes" : "not enough for classes of a training"
      try Output.line("- \(folders): \(use).")
    }
    guard !report.recommendation.configuration.isEmpty else { return }
    try Output.line("\nIn fumikura.toml:\n")
    for line in report.recommendation.configuration { try Output.line("  \(line)") }
  }

  private func words(_ source: ProfileReport.Source) -> String {
    var words = "\(source.name): \(source.passages) passages"
    if source.passages < source.of {
      words += " of \(source.isEstimated ? "about " : "")\(source.of)"
    }
    if let files = source.files { words += " in \(files) files" }
    words += "; \(source.heldOutQuestions) questions of \(source.heldOutPassages) held-out passages"
    if source.judgedQueries > 0 { words += "; \(source.judgedQueries) judged queries" }
    return words
  }

  private func title(_ measure: QualityMeasure) -> String {
    report.sources.count > 1
      ? "kept (\(measure.corpus), \(measure.queries.rawValue))" : "kept (\(measure.queries.rawValue))"
  }

  private func cells(_ row: ProfileRow) -> [String] {
    let (point, cost) = (row.point, row.cost)
    let stages =
      switch point.rescorer {
      case nil: "one"
      case .wide: "+ wide"
      case .source: "+ source"
      }
    var cells = [
      point == report.recommendation.point ? "→" : "", point.method.rawValue,
      "\(point.dimensions) × \(point.bits == 32 ? "float" : "\(point.bits)")", stages, "\(point.bytes)",
    ]
    for measure in row.measures {
      cells += [
        measure.kept.value.formatted(decimals: 3),
        "\(measure.kept.low.formatted(decimals: 3))–\(measure.kept.high.formatted(decimals: 3))",
        measure.ndcgAt10.formatted(decimals: 3), measure.recallOfFull.formatted(decimals: 2),
      ]
    }
    let over = row.heldOut?.overWhitened.map { difference in
      (difference.low > 0 || difference.high < 0 ? "" : "~ ") + signed(difference.value)
    }
    cells.append(over ?? "")
    for size in ProfileCost.scanSizes {
      let time = cost.scanMilliseconds[size]
      let mark = size == ProfileCost.scanSizes.last && cost.scannedRows != nil ? "~" : ""
      cells.append(time.map { mark + $0.formatted(decimals: 2) } ?? "")
    }
    return cells + [
      "\(cost.memoryAtMillion / 1_000_000)", cost.trainingSeconds?.formatted(decimals: 1) ?? "",
      "\(cost.databaseBytes)",
    ]
  }

  private func signed(_ value: Double) -> String { (value < 0 ? "−" : "+") + abs(value).formatted(decimals: 3) }
}
