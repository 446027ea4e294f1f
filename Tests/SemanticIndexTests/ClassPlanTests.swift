import Configuration
import RateReduction
import SemanticIndex
import SystemPackage
import Testing

@Suite("What may be classes in a training")
struct ClassPlanTests {
  private static func folders(share: Double, p: Double = 0.0005) -> FolderClasses.Choice {
    FolderClasses.Choice(
      level: 2, classes: [0, 0, 1, 1],
      prediction: ClassPrediction(share: share, chance: 0.2, p: p, classCount: 2, passages: 4, files: 4))
  }

  private static let labels = LabelledPassages(
    places: ["a", "a", "b", "b"].map { PassagePlace(file: 1, path: FilePath("/s/\($0)/f"), folders: ["1"]) },
    list: LabelList(Array("a\t/s/a\nb\t/s/b".utf8), file: "/l", shares: ["/s"]))
  private static let oneLabel = LabelledPassages(
    places: [PassagePlace(file: 1, path: "/s/a/f", folders: ["1"])],
    list: LabelList(Array("a\t/s/a".utf8), file: "/l", shares: ["/s"]))

  private struct Case {
    let setting: DaemonConfiguration.Classes
    var labels: LabelledPassages?
    var folders: FolderClasses.Choice?
    var hasPairs = true
    let order: [ClassSource]
  }

  @Test func `the order is labels, folders that tell what is near, pairs, nothing, as far as is allowed`() {
    let (good, weak) = (Self.folders(share: 0.6), Self.folders(share: 0.25))
    let cases: [Case] = [
      Case(setting: .auto, labels: Self.labels, folders: good, order: [.labels, .folders, .pseudo, .none]),
      Case(setting: .auto, folders: good, order: [.folders, .pseudo, .none]),
      Case(setting: .auto, folders: weak, order: [.pseudo, .none]),
      Case(setting: .auto, folders: Self.folders(share: 0.6, p: 0.02), order: [.pseudo, .none]),
      Case(setting: .auto, labels: Self.oneLabel, order: [.pseudo, .none]),
      Case(setting: .auto, hasPairs: false, order: [.none]),
      Case(setting: .labels, labels: Self.labels, folders: good, order: [.labels, .pseudo, .none]),
      Case(setting: .labels, order: [.pseudo, .none]),
      Case(setting: .folders, labels: Self.labels, folders: good, order: [.folders, .pseudo, .none]),
      Case(setting: .folders, folders: weak, order: [.pseudo, .none]),
      Case(setting: .pseudo, labels: Self.labels, folders: good, order: [.pseudo, .none]),
      Case(setting: .none, labels: Self.labels, folders: good, order: [.none]),
    ]
    for each in cases {
      let plan = ClassPlan(
        setting: each.setting, labels: each.labels, folders: each.folders, hasPairs: each.hasPairs)
      #expect(plan.order == each.order, "\(each)")
      #expect(Set(plan.classes.keys) == Set(plan.order.filter(\.hasClasses)), "\(each)")
    }
  }

  @Test func `what is not used is found all the same, with figures`() {
    let plan = ClassPlan(
      setting: .auto, labels: Self.oneLabel, folders: Self.folders(share: 0.24, p: 0.3), hasPairs: true)
    #expect(
      plan.findings == [
        .labels: "1 for 1 of 1 passages, where at least two of two passages are needed",
        .folders: "not above chance by a clear margin: 2 folders at level 2: 24.0 % of the nearest in other files are "
          + "of a passage's class, by chance 20.0 % (lift 1.2, 5.0 % of what chance leaves, p 0.3; 4 passages of 4 files)",
      ])
    #expect(
      ClassPlan(setting: .labels, labels: nil, folders: nil, hasPairs: true).findings == [
        .labels: "none are given ([projector] labels)"
      ])
    #expect(
      ClassPlan(setting: .auto, labels: nil, folders: nil, hasPairs: true).findings == [
        .folders: "there are not two with several files each"
      ])
  }
}
