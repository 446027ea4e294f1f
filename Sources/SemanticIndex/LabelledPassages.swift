/// The passages of a training that have a label.
package struct LabelledPassages: Sendable, Hashable {
  /// Of each passage, −1 for none; numbered in the order in which labels first come.
  package let classes: [Int]
  package let labelCount: Int
  package let labelled: Int

  package init(places: [PassagePlace?], list: LabelList) {
    var numbers: [String: Int] = [:]
    classes = places.map { place in
      guard let place, let label = list.label(of: place.path) else { return -1 }
      let number = numbers[label] ?? numbers.count
      numbers[label] = number
      return number
    }
    labelCount = numbers.count
    labelled = classes.count { $0 >= 0 }
  }

  /// Whether they tell anything apart: two labels of two passages.
  package var areUsable: Bool {
    Dictionary(classes.filter { $0 >= 0 }.map { ($0, 1) }, uniquingKeysWith: +).count { $0.value > 1 } > 1
  }
}
