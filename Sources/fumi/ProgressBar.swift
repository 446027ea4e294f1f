/// A bar of one line.
struct ProgressBar {
  private let terminal: Terminal

  init(_ terminal: Terminal) { self.terminal = terminal }

  /// - Parameter fraction: from 0 to 1; nil where the end cannot be told.
  func line(_ fraction: Double?, label: String) -> String {
    guard let fraction, fraction.isFinite else { return terminal.safe(label) + " …" }
    let width = max(10, min(40, terminal.width - 30))
    let share = min(max(fraction, 0), 1)
    let filled = Int(share * Double(width))
    let bar =
      terminal.styled(String(repeating: "█", count: filled), .green)
      + terminal.styled(String(repeating: "░", count: width - filled), .dim)
    return "\(bar) \(Int(share * 100)) %  \(terminal.safe(label))"
  }
}
