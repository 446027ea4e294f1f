import Glibc

/// Where things stand in a profile's picture, in its own units (pixels at its natural size).
struct PlotFrame: Sendable {
  static let width = 1_060.0
  static let height = 640.0
  static let left = 84.0
  static let right = 830.0
  static let top = 88.0
  static let bottom = 570.0
  static let legendTop = 100.0
  static let legendLeft = 872.0

  private let bytes: ClosedRange<Double>
  private let kept: ClosedRange<Double>

  /// Wide enough for all points, their intervals and the share that is asked for.
  init(_ report: ProfileReport) {
    let sizes = report.rows.map { Double($0.point.bytes) }
    bytes = sizes.min()! / 1.25...sizes.max()! * 1.25
    let shares =
      report.rows.flatMap { row -> [Double] in [row.deciding.kept.low, row.deciding.kept.high] }
      + [report.thresholds.kept, 1]
    let span = shares.max()! - shares.min()!
    kept = max(0, shares.min()! - span * 0.03)...shares.max()! + span * 0.03
  }

  func holds(bytes count: Int) -> Bool { bytes.contains(Double(count)) }

  func x(_ count: Int) -> Double {
    let share = log2(Double(count) / bytes.lowerBound) / log2(bytes.upperBound / bytes.lowerBound)
    return Self.left + share * (Self.right - Self.left)
  }

  func y(_ share: Double) -> Double {
    Self.bottom - (share - kept.lowerBound) / (kept.upperBound - kept.lowerBound) * (Self.bottom - Self.top)
  }

  /// Powers of two.
  var byteTicks: [Int] { (0..<24).map { 1 << $0 }.filter(holds) }

  var keptTicks: [Double] {
    let span = kept.upperBound - kept.lowerBound
    let step = span > 0.6 ? 0.1 : span > 0.25 ? 0.05 : span > 0.1 ? 0.02 : 0.01
    return stride(from: (kept.lowerBound / step).rounded(.up) * step, through: kept.upperBound, by: step)
      .map { $0 }
  }

  /// A box for words.
  struct Box {
    let x: Double
    let y: Double
    let width: Double
    let height: Double

    func holds(_ point: (Double, Double), margin: Double = 0) -> Bool {
      x - margin...x + width + margin ~= point.0 && y - margin...y + height + margin ~= point.1
    }

    /// From a ring's edge to the box's nearest point; nil where the box touches the ring.
    func leader(
      from centre: (Double, Double), radius: Double
    ) -> (from: (Double, Double), to: (Double, Double))? {
      let to = (min(max(centre.0, x), x + width), min(max(centre.1, y), y + height))
      let (dx, dy) = (to.0 - centre.0, to.1 - centre.1)
      let distance = (dx * dx + dy * dy).squareRoot()
      guard distance > radius else { return nil }
      return ((centre.0 + dx / distance * radius, centre.1 + dy / distance * radius), to)
    }
  }

  /// The place inside the frame for a box that covers the fewest of the points; of these the nearest.
  func freePlace(
    near point: (Double, Double), width: Double, height: Double, avoiding points: [(Double, Double)]
  ) -> Box {
    var best: (box: Box, score: (Int, Double))?
    for y in stride(from: Self.top + 6, through: Self.bottom - height - 6, by: 12) {
      for x in stride(from: Self.left + 6, through: Self.right - width - 6, by: 12) {
        let box = Box(x: x, y: y, width: width, height: height)
        if box.holds(point, margin: 18) { continue }
        let (dx, dy) = (x + width / 2 - point.0, y + height / 2 - point.1)
        let score = (points.count { box.holds($0, margin: 8) }, dx * dx + dy * dy)
        if best.map({ score < $0.score }) ?? true { best = (box, score) }
      }
    }
    return best?.box ?? Box(x: Self.left + 6, y: Self.bottom - height - 6, width: width, height: height)
  }
}
