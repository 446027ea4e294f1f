/// Keeps the best projector of a training, and says when no better one comes.
struct EarlyStopping {
  private let patience: Int
  private var bestScore = -Double.infinity
  private var since = 0
  /// Nil before the first score.
  private(set) var best: Projector?

  init(patience: Int) { self.patience = patience }

  /// Whether a score is due: ten times in the second half, after the last step too. Before, while the learning rate is
  /// high, scores tell little of where training ends.
  static func isDue(after step: Int, of steps: Int) -> Bool {
    let twentieth = { (count: Int) in count * 20 / steps }
    return step + 1 == steps || 2 * (step + 1) > steps && twentieth(step + 1) > twentieth(step)
  }

  /// Takes note of a score; true where the last `patience` were no better than the best before them.
  mutating func shouldStop(with projector: Projector, score: Double) -> Bool {
    if score > bestScore {
      (best, bestScore, since) = (projector, score, 0)
    } else {
      since += 1
    }
    return since >= patience
  }
}
