/// A tree whose directories are being watched and then listed. Once all are, what is in it must be compared with the
/// store: that is the `rescan` it ends in. Confined to the watching thread.
final class WatchJob {
  let number: Int
  /// Where it began; the rescan goes to where this has moved meanwhile.
  let top: DirectoryNode
  let reason: RescanReason
  /// Whether directories that are known already are watched and listed again, because events may have been missed;
  /// otherwise only new ones are.
  let isFull: Bool
  /// Directories that are waiting for their turn, or for the answer of the watch process.
  var outstanding = 0
  var isFinished = false
  /// Events were lost again after it had begun: once it ends, it has to be done again.
  var mustRepeat = false

  init(number: Int, top: DirectoryNode, reason: RescanReason, isFull: Bool) {
    self.number = number
    self.top = top
    self.reason = reason
    self.isFull = isFull
  }
}
