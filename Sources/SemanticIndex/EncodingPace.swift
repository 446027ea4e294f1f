import Synchronization

/// How fast an encoder is, learned as it goes, so that work is cut into slices of like duration.
///
/// Between two slices whoever indexes looks whether something is more urgent, or whether to stop.
final class EncodingPace: Sendable {
  /// A slice's duration.
  static let slice = 0.03
  /// Bytes of text a second; a cautious guess until something was measured.
  private let rate = Mutex(20_000.0)

  /// Where the slice that begins at `start` ends: at most so many texts that it takes `slice`, and one at least.
  func end(ofSliceFrom start: Int, in lengths: [Int]) -> Int {
    var room = Int(rate.withLock { $0 } * Self.slice)
    var end = start
    while end < lengths.count, end == start || lengths[end] <= room {
      room -= lengths[end]
      end += 1
    }
    return end
  }

  /// Notes that so many bytes of text took so long, of the thread's own processor time.
  func note(bytes: Int, seconds: Double) {
    guard bytes > 0, seconds > 0 else { return }
    rate.withLock { $0 += 0.2 * (Double(bytes) / seconds - $0) }
  }
}
