import RateReduction

/// What a profile's JSON says of folders as classes.
struct FolderFinding: Encodable {
  let level: Int
  let classes: Int
  let share: Double
  let chance: Double
  let p: Double
  let isPredictive: Bool

  init(_ choice: FolderClasses.Choice) {
    level = choice.level
    classes = choice.prediction.classCount
    share = choice.prediction.share
    chance = choice.prediction.chance
    p = choice.prediction.p
    isPredictive = choice.prediction.isPredictive
  }

  enum CodingKeys: String, CodingKey {
    case level, classes, share, chance, p
    case isPredictive = "predict"
  }
}
