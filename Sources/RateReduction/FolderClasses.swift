package import LinearAlgebra

/// Classes made of where files are kept: of each level of folders one choice of classes, and which of them explains most.
///
/// A folder is a path of names, that of its share first. The class of a passage at a level is its folder's ancestor there
/// (the folder itself where that is higher up). A folder with fewer than ``leastPassages`` passages, or of one file alone,
/// is one with its parent. What ends up at a share itself is in no class below the first level: those files are what no
/// folder tells anything of.
package enum FolderClasses {
  /// With fewer passages in it, a folder is no class of its own.
  package static let leastPassages = 8
  package static let mostClasses = 300
  /// Levels that are tried, the share itself among them.
  package static let mostLevels = 8

  /// The classes of some passages, and how they were found to predict what is near.
  package struct Choice: Sendable, Hashable, CustomStringConvertible {
    /// Names from the share on, as many as the deepest class may have.
    package let level: Int
    /// The class of each passage, −1 for none.
    package let classes: [Int]
    package let prediction: ClassPrediction

    package init(level: Int, classes: [Int], prediction: ClassPrediction) {
      self.level = level
      self.classes = classes
      self.prediction = prediction
    }

    /// "12 folders at level 2: …".
    package var description: String {
      "\(prediction.classCount) folders at level \(level): \(prediction)"
    }
  }

  /// The level whose classes explain most, whether or not they predict anything; nil where there are not two classes at
  /// any level.
  ///
  /// - Parameters:
  ///   - folders: of each passage, the names of the folders that it lies in, that of its share first.
  ///   - files: the file of each passage, any number.
  ///   - probes: the passages that the prediction is measured on (``ClassPrediction/probes(among:seed:)``).
  ///   - vectors: unit rows, those of the probes.
  ///   - seed: of the measuring.
  package static func best(
    folders: [[String]], files: [Int], probes: [Int], vectors: Matrix, seed: UInt64
  ) throws -> Choice? {
    guard folders.count == files.count, probes.allSatisfy(folders.indices.contains) else {
      throw RateReductionError.invalid(
        what: "the folders of passages", got: "\(folders.count)", expected: "\(files.count), as files of them")
    }
    var candidates: [(level: Int, classes: [Int])] = []
    for level in 1...mostLevels {
      let classes = classes(at: level, folders: folders, files: files)
      guard Set(classes.filter { $0 >= 0 }).count > 1, classes != candidates.last?.classes else { continue }
      candidates.append((level, classes))
    }
    guard !candidates.isEmpty else { return nil }
    let predictions = try ClassPrediction.of(
      candidates.map { candidate in probes.map { candidate.classes[$0] } }, vectors: vectors,
      files: probes.map { files[$0] }, seed: seed)
    return zip(candidates, predictions).map {
      Choice(level: $0.level, classes: $0.classes, prediction: $1)
    }.max { $0.prediction.skill < $1.prediction.skill }
  }

  /// The class of each passage where classes have at most `level` names, numbered in the order in which they come.
  static func classes(at level: Int, folders: [[String]], files: [Int]) -> [Int] {
    // Folders are few beside passages, and a file lies in one alone.
    var places: [[String]: Int] = [:]
    var (paths, passages, filesOf): ([[String]], [Int], [Set<Int>]) = ([], [], [])
    let placeOf = zip(folders, files).map { folder, file in
      let place = places[folder] ?? places.count
      if place == paths.count {
        places[folder] = place
        paths.append(Array(folder.prefix(level)))
        passages.append(0)
        filesOf.append([])
      }
      passages[place] += 1
      filesOf[place].insert(file)
      return place
    }
    var least = leastPassages
    while true {
      let merged = merged(paths, passages: passages, files: filesOf.map(\.count), least: least)
      var numbers: [[String]: Int] = [:]
      let classes = merged.map { path in
        // A share is a class where shares are what is told apart.
        if path.isEmpty || path.count == 1 && level > 1 { return -1 }
        let number = numbers[path] ?? numbers.count
        numbers[path] = number
        return number
      }
      if numbers.count <= mostClasses { return placeOf.map { classes[$0] } }
      least *= 2
    }
  }

  /// The paths with those that are too small moved to their parents, the deepest first.
  private static func merged(_ folders: [[String]], passages: [Int], files: [Int], least: Int) -> [[String]] {
    var paths = folders
    for length in stride(from: paths.map(\.count).max() ?? 0, to: 0, by: -1) {
      var sizes: [[String]: (passages: Int, files: Int)] = [:]
      for (place, path) in paths.enumerated() where path.count == length {
        sizes[path, default: (0, 0)].passages += passages[place]
        sizes[path]!.files += files[place]
      }
      for (place, path) in paths.enumerated() {
        if let size = sizes[path], size.passages < least || size.files < 2 { paths[place].removeLast() }
      }
    }
    return paths
  }
}
