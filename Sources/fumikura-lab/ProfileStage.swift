import Evaluation

/// The word for a number of stages on the command line.
enum ProfileStage: String, CaseIterable {
  case one
  case wide
  case source

  var rescorer: Rescorer.Kind? {
    switch self {
    case .one: nil
    case .wide: .wide
    case .source: .source
    }
  }
}
