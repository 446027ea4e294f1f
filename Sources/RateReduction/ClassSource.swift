/// What a training is told belongs together: which rows the rate reduction makes one class.
package enum ClassSource: String, Sendable, Hashable, Codable, CaseIterable {
  /// Labels that people gave.
  case labels
  /// The folders that files are kept in (``FolderClasses``).
  case folders
  /// The passages of one file.
  case files
  /// The passages under one heading or title.
  case headings
  /// Groups of passages that are near one another already (``NeighbourGroups``).
  case neighbours
  /// A passage and the pseudo-queries made of it.
  case pseudo
  /// Nothing: distillation alone (β 0).
  case none

  /// Whether it gives passages classes; else pairs are all there is, or nothing.
  package var hasClasses: Bool { self != .pseudo && self != .none }

  /// In one word or two, for people.
  package var words: String {
    switch self {
    case .labels: "labels"
    case .folders: "folders"
    case .files: "files"
    case .headings: "headings"
    case .neighbours: "neighbour groups"
    case .pseudo: "passages with their pseudo-queries"
    case .none: "no classes (β 0)"
    }
  }
}
