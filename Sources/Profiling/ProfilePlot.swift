import RateReduction

/// A profile as one picture: the share kept against bytes a passage, a line for each method.
///
/// A self-contained SVG 1.1 document: no script, no font and no style of its own but what any viewer has. Each measured
/// point is a mark with a `<title>` that tells its figures; for each method and number of stages a line joins the best of
/// each size, whose 95 % intervals are whiskers. Thresholds are dashed lines; what is recommended is ringed and named.
package struct ProfilePlot: Sendable {
  private let report: ProfileReport
  private let frame: PlotFrame

  package init(_ report: ProfileReport) {
    precondition(!report.rows.isEmpty, "a plot without points")
    self.report = report
    frame = PlotFrame(report)
  }

  /// One line of the picture: a method in one stage or two.
  private struct Series: Hashable {
    let method: ProjectionMethod
    let isTwoStage: Bool

    init(_ point: ProfilePoint) {
      method = point.method
      isTwoStage = point.rescorer != nil
    }
  }

  private static let red = "#b00020"
  private static let dark = "#222222"
  /// Marks of the same size stand so far beside one another, so that whiskers can be told apart.
  private static let shift = 2.6

  package var svg: String {
    let (width, height) = (n(PlotFrame.width), n(PlotFrame.height))
    var parts = [SVGElement.write("rect", ["width": width, "height": height, "fill": "#ffffff"])]
    parts += titles + axes + thresholds
    let series = self.series
    for (index, entry) in series.enumerated() { parts += marks(of: entry) + legend(entry, at: index) }
    parts += recommendation
    return SVGElement.write(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height,
        "viewBox": "0 0 \(width) \(height)", "font-family": "sans-serif",
      ], "\n" + parts.joined(separator: "\n") + "\n") + "\n"
  }

  private var series: [Series] {
    var seen = Set<Series>()
    func order(_ series: Series) -> (Int, Int) {
      (ProjectionMethod.allCases.firstIndex(of: series.method)!, series.isTwoStage ? 1 : 0)
    }
    return report.rows.map { Series($0.point) }.filter { seen.insert($0).inserted }.sorted { order($0) < order($1) }
  }

  // MARK: Around the points

  private var titles: [String] {
    let names = report.sources.map(\.name).joined(separator: ", ")
    let size = report.sources.map { source in
      let of = source.passages < source.of ? " of \(source.isEstimated ? "about " : "")\(source.of)" : ""
      let judged = source.judgedQueries > 0 ? ", \(source.judgedQueries) judged queries" : ""
      return "\(source.passages)\(of) passages, \(source.heldOutQuestions) held-out questions\(judged)"
    }.joined(separator: "; ")
    return [
      text("How small may the vectors of \(cut(names, 60)) be?", PlotFrame.left, 30, size: 18, weight: "bold"),
      text("\(cut(size, 110)); model \(cut(report.model, 40))", PlotFrame.left, 52, colour: "#555555"),
    ]
  }

  private var axes: [String] {
    var parts: [String] = []
    for value in frame.keptTicks {
      let y = frame.y(value)
      parts.append(line((PlotFrame.left, y), (PlotFrame.right, y), "#e4e4e4"))
      parts.append(text(value.formatted(decimals: 2), PlotFrame.left - 8, y + 4, anchor: "end"))
    }
    for bytes in frame.byteTicks {
      let x = frame.x(bytes)
      parts.append(line((x, PlotFrame.top), (x, PlotFrame.bottom), "#eeeeee"))
      parts.append(text("\(bytes)", x, PlotFrame.bottom + 18, anchor: "middle"))
    }
    parts.append(
      SVGElement.write(
        "rect",
        [
          "x": n(PlotFrame.left), "y": n(PlotFrame.top), "width": n(PlotFrame.right - PlotFrame.left),
          "height": n(PlotFrame.bottom - PlotFrame.top), "fill": "none", "stroke": "#999999",
        ]))
    parts.append(
      text(
        "bytes a passage in memory", (PlotFrame.left + PlotFrame.right) / 2, PlotFrame.bottom + 42, anchor: "middle"))
    let isMixed = report.rows[0].measures.count > 1
    let middle = (PlotFrame.top + PlotFrame.bottom) / 2
    let words = "share of the whole vectors' nDCG@10 kept\(isMixed ? " (the least sure of the measures)" : "")"
    parts.append(text(words, 26, middle, anchor: "middle", isUpright: true))
    return parts
  }

  private var thresholds: [String] {
    let y = frame.y(report.thresholds.kept)
    let kept = "profile_kept \(report.thresholds.kept.formatted(decimals: 2))"
    var parts = [
      line((PlotFrame.left, y), (PlotFrame.right, y), Self.red, dash: "6 4", name: "threshold"),
      text(kept, PlotFrame.left + 6, y - 6, colour: Self.red),
    ]
    if frame.holds(bytes: report.thresholds.bytes) {
      let x = frame.x(report.thresholds.bytes)
      parts.append(line((x, PlotFrame.top), (x, PlotFrame.bottom), Self.red, dash: "6 4", name: "threshold"))
      parts.append(
        text("profile_bytes \(report.thresholds.bytes)", x, PlotFrame.top - 8, anchor: "middle", colour: Self.red))
    }
    return parts
  }

  private func legend(_ series: Series, at index: Int) -> [String] {
    let x = PlotFrame.legendLeft
    let y = PlotFrame.legendTop + Double(index) * 21
    let name = series.method.rawValue + (series.isTwoStage ? ", two stages" : "")
    return [
      line((x - 13, y), (x + 13, y), colour(series.method), dash: series.isTwoStage ? "4 3" : nil),
      mark(series, x, y, size: 4), text(name, x + 21, y + 4),
    ]
  }

  // MARK: Points

  private func place(_ row: ProfileRow) -> (Double, Double) {
    let series = series
    let shift = (Double(series.firstIndex(of: Series(row.point))!) - Double(series.count - 1) / 2) * Self.shift
    return (frame.x(row.point.bytes) + shift, frame.y(row.deciding.kept.value))
  }

  /// What the line joins: by size, the best of each that nothing smaller keeps as much as (but for half a hundredth).
  private func best(of series: Series) -> [ProfileRow] {
    Dictionary(grouping: report.rows.filter { Series($0.point) == series }, by: \.point.bytes)
      .compactMap { $0.value.max { $0.deciding.kept.value < $1.deciding.kept.value } }
      .sorted { $0.point.bytes < $1.point.bytes }
      .reduce(into: []) { line, row in
        let most = line.map(\.deciding.kept.value).max() ?? 0
        if row.deciding.kept.value > most - 0.005 { line.append(row) }
      }
  }

  private func marks(of series: Series) -> [String] {
    let rows = report.rows.filter { Series($0.point) == series }
    let best = best(of: series)
    let colour = colour(series.method)
    var parts: [String] = []
    if best.count > 1 {
      let path = best.map { row in
        let (x, y) = place(row)
        return "\(n(x)),\(n(y))"
      }
      parts.append(
        SVGElement.write(
          "polyline",
          [
            "points": path.joined(separator: " "), "fill": "none", "stroke": colour, "stroke-width": "1.4",
            "stroke-dasharray": series.isTwoStage ? "4 3" : "none",
          ]))
    }
    let chosen = Set(best.map(\.point))
    for row in rows {
      let (x, y) = place(row)
      let kept = row.deciding.kept
      let isBest = chosen.contains(row.point)
      let words =
        "\(row.point.name): \(row.point.bytes) bytes, kept \(kept.value.formatted(decimals: 3)) "
        + "(\(kept.low.formatted(decimals: 3)) to \(kept.high.formatted(decimals: 3)))"
      var content = SVGElement.write("title", [:], SVGElement.escaped(words))
      if isBest {
        let (low, high, left) = (n(frame.y(kept.low)), n(frame.y(kept.high)), n(x - 2.5))
        content += SVGElement.write(
          "path",
          ["d": "M\(n(x)) \(low)V\(high)M\(left) \(low)h5M\(left) \(high)h5", "stroke": colour, "fill": "none"])
      }
      content += mark(series, x, y, size: isBest ? 4 : 3)
      parts.append(SVGElement.write("g", ["class": "point", "opacity": isBest ? "1" : "0.45"], content))
    }
    return parts
  }

  /// A ring around what is recommended, and its name where the fewest marks are in its way.
  private var recommendation: [String] {
    guard let row = report.rows.first(where: { $0.point == report.recommendation.point }) else { return [] }
    let centre = place(row)
    let words = [
      "\(report.recommendation.isReached ? "recommended" : "best, but not enough"): \(row.point.name)",
      "\(row.point.bytes) bytes a passage, \(row.deciding.kept.value.formatted(decimals: 3)) kept",
    ]
    let width = Double(words.map(\.count).max()!) * 6.7 + 14
    let box = frame.freePlace(near: centre, width: width, height: 42, avoiding: taken)
    var parts = [
      SVGElement.write(
        "circle",
        [
          "class": "recommended", "cx": n(centre.0), "cy": n(centre.1), "r": "11", "fill": "none", "stroke": "#111111",
          "stroke-width": "2",
        ])
    ]
    if let leader = box.leader(from: centre, radius: 11) { parts.append(line(leader.from, leader.to, "#111111")) }
    parts.append(
      SVGElement.write(
        "rect",
        [
          "x": n(box.x), "y": n(box.y), "width": n(box.width), "height": n(box.height), "rx": "4", "fill": "#ffffff",
          "fill-opacity": "0.92", "stroke": "#111111",
        ]))
    parts.append(text(words[0], box.x + 7, box.y + 17, weight: "bold"))
    parts.append(text(words[1], box.x + 7, box.y + 34))
    return parts
  }

  /// Where something is drawn: along whiskers and lines, and every mark.
  private var taken: [(Double, Double)] {
    func along(_ from: (Double, Double), _ to: (Double, Double)) -> [(Double, Double)] {
      let steps = max(1, (max(abs(to.0 - from.0), abs(to.1 - from.1)) / 8).rounded(.up))
      return stride(from: 0, through: 1, by: 1 / steps).map {
        (from.0 + (to.0 - from.0) * $0, from.1 + (to.1 - from.1) * $0)
      }
    }
    var points = report.rows.map(place)
    if frame.holds(bytes: report.thresholds.bytes) {
      let x = frame.x(report.thresholds.bytes)
      points += along((x, PlotFrame.top), (x, PlotFrame.bottom))
    }
    for series in series {
      let best = best(of: series)
      for row in best {
        let x = place(row).0
        points += along((x, frame.y(row.deciding.kept.low)), (x, frame.y(row.deciding.kept.high)))
      }
      for (from, to) in zip(best, best.dropFirst()) { points += along(place(from), place(to)) }
    }
    return points
  }

  private func colour(_ method: ProjectionMethod) -> String {
    // Okabe & Ito 2008: told apart also by those who do not see red or green.
    switch method {
    case .full: "#000000"
    case .truncate: "#777777"
    case .random: "#cc79a7"
    case .pca: "#e69f00"
    case .pcaWhitened: "#0072b2"
    case .mcr2: "#d55e00"
    default: "#009e73"
    }
  }

  /// Every method has a form of its own beside its colour; two stages are hollow.
  private func mark(_ series: Series, _ x: Double, _ y: Double, size: Double) -> String {
    let colour = colour(series.method)
    let fill = series.isTwoStage ? "#ffffff" : colour
    let corners: [(Double, Double)]
    switch series.method {
    case .full: corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    case .truncate: corners = [(-1, -0.9), (1, -0.9), (0, 1.1)]
    case .random: corners = [(-1.3, 0), (0, -0.7), (1.3, 0), (0, 0.7)]
    case .pca: corners = [(0, -1.3), (1, 0), (0, 1.3), (-1, 0)]
    case .mcr2: corners = [(-1.1, 1), (1.1, 1), (0, -1.2)]
    default:
      return SVGElement.write("circle", ["cx": n(x), "cy": n(y), "r": n(size), "fill": fill, "stroke": colour])
    }
    let points = corners.map { "\(n(x + $0.0 * size)),\(n(y + $0.1 * size))" }.joined(separator: " ")
    return SVGElement.write("polygon", ["points": points, "fill": fill, "stroke": colour])
  }

  // MARK: Elements

  private func text(
    _ words: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int = 12, colour: String = Self.dark,
    weight: String = "normal", isUpright: Bool = false
  ) -> String {
    SVGElement.write(
      "text",
      [
        "x": n(x), "y": n(y), "text-anchor": anchor, "font-size": "\(size)", "font-weight": weight, "fill": colour,
        "transform": "rotate(\(isUpright ? -90 : 0) \(n(x)) \(n(y)))",
      ], SVGElement.escaped(words))
  }

  private func line(
    _ from: (Double, Double), _ to: (Double, Double), _ colour: String, dash: String? = nil, name: String = "line"
  ) -> String {
    SVGElement.write(
      "line",
      [
        "class": name, "x1": n(from.0), "y1": n(from.1), "x2": n(to.0), "y2": n(to.1), "stroke": colour,
        "stroke-dasharray": dash ?? "none",
      ])
  }

  private func cut(_ words: String, _ length: Int) -> String {
    words.count > length ? "\(words.prefix(length))…" : words
  }

  private func n(_ value: Double) -> String { SVGElement.number(value) }
}
