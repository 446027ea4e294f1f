package import Configuration
package import RateReduction

/// What may be classes in a training, best first, and why. A pure function of what was found.
package struct ClassPlan: Sendable, Hashable {
  /// The last is ``ClassSource/none``: distillation alone, which everything else is held against.
  package let order: [ClassSource]
  /// The class of each passage, by source.
  package let classes: [ClassSource: [Int]]
  /// What was found of each source that was looked at, also of those that are not used.
  package let findings: [ClassSource: String]

  /// - Parameters:
  ///   - labels: nil where none are given.
  ///   - folders: nil where there are not two that could be told apart.
  ///   - hasPairs: whether there are pseudo-queries to learn from.
  package init(
    setting: DaemonConfiguration.Classes, labels: LabelledPassages?, folders: FolderClasses.Choice?, hasPairs: Bool
  ) {
    var order: [ClassSource] = []
    var classes: [ClassSource: [Int]] = [:]
    var findings: [ClassSource: String] = [:]
    if setting.allowsLabels {
      if let labels {
        let found = "\(labels.labelCount) for \(labels.labelled) of \(labels.classes.count) passages"
        if labels.areUsable {
          order.append(.labels)
          classes[.labels] = labels.classes
        }
        findings[.labels] = labels.areUsable ? found : "\(found), where at least two of two passages are needed"
      } else if setting == .labels {
        findings[.labels] = "none are given ([projector] labels)"
      }
    }
    if setting.allowsFolders {
      if let folders, folders.prediction.isPredictive {
        order.append(.folders)
        classes[.folders] = folders.classes
        findings[.folders] = "\(folders)"
      } else {
        findings[.folders] =
          folders.map { "not above chance by a clear margin: \($0)" } ?? "there are not two with several files each"
      }
    }
    if setting != .none, hasPairs { order.append(.pseudo) }
    self.order = order + [.none]
    self.classes = classes
    self.findings = findings
  }
}
