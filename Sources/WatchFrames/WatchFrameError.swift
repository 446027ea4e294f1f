/// The stream of reports holds what no watch process writes.
package struct WatchFrameError: Error, Hashable, CustomStringConvertible {
  package let reason: String
  package var description: String { "the watch process sent \(reason)" }
}
