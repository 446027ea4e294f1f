import Evaluation
import RateReduction
import SemanticIndex
import Testing

@Suite("Which training is kept")
struct ObjectiveTrialsTests {
  private static let same = PairedDifference(value: 0.001, low: -0.004, high: 0.006)
  private static let loss = PairedDifference(value: -0.01, low: -0.018, high: -0.002)
  private static let gain = PairedDifference(value: 0.01, low: 0.002, high: 0.018)

  /// The trainings in their order, and what is kept, where the differences come out as told.
  private func course(
    _ order: [ClassSource], _ results: [ClassSource: (scanned: PairedDifference, wide: PairedDifference?)]
  ) -> (trained: [ClassSource], kept: ClassSource, reason: String) {
    var trials = ObjectiveTrials(order: order)
    var trained: [ClassSource] = []
    while true {
      #expect(trials.done == trained.count && trials.done <= trials.most)
      switch trials.next {
      case .train(let source):
        trained.append(source)
        if source == .none {
          trials.noteControl()
        } else {
          trials.note(.init(classes: source, scanned: results[source]!.scanned, wide: results[source]!.wide))
        }
      case .keep(let source, let reason): return (trained, source, reason)
      }
    }
  }

  @Test func `the first choice that does not lose beyond noise is kept, at last distillation alone`() {
    let (same, loss, gain) = (Self.same, Self.loss, Self.gain)
    let all: [ClassSource] = [.labels, .folders, .pseudo, .none]
    let everything: [ClassSource] = [.none] + all.dropLast()
    typealias Differences = (scanned: PairedDifference, wide: PairedDifference?)
    let table:
      [(
        order: [ClassSource], results: [ClassSource: Differences],
        trained: [ClassSource], kept: ClassSource
      )] = [
        (all, [.labels: (same, nil)], [.none, .labels], .labels),
        (all, [.labels: (gain, same)], [.none, .labels], .labels),
        (all, [.labels: (loss, gain), .folders: (same, same)], [.none, .labels, .folders], .folders),
        (all, [.labels: (loss, nil), .folders: (gain, loss), .pseudo: (same, same)], everything, .pseudo),
        (all, [.labels: (loss, nil), .folders: (loss, loss), .pseudo: (same, loss)], everything, .none),
        ([.pseudo, .none], [.pseudo: (same, same)], [.none, .pseudo], .pseudo),
        ([.pseudo, .none], [.pseudo: (loss, same)], [.none, .pseudo], .none),
        ([.none], [:], [.none], .none),
      ]
    for row in table {
      let found = course(row.order, row.results)
      #expect(found.trained == row.trained && found.kept == row.kept, "\(row)")
    }
  }

  @Test func `the reason has the figures`() {
    #expect(
      course([.pseudo, .none], [.pseudo: (Self.same, Self.gain)]).reason
        == "against distillation alone +0.0010 (−0.0040 to +0.0060), the wide codes +0.0100 (+0.0020 to +0.0180)")
    #expect(
      course([.folders, .none], [.folders: (Self.loss, nil)]).reason
        == "folders lose beyond noise: −0.0100 (−0.0180 to −0.0020)")
    #expect(course([.none], [:]).reason == "nothing else is asked for or there")
  }

  @Test func `a profile keeps it, and reads profiles that have none`() throws {
    let objective = TrainingObjective(
      classes: .folders, reason: "so", findings: [.folders: "found"],
      trials: [.init(classes: .folders, scanned: Self.same, wide: Self.gain)])
    var profile = ProjectorProfile(passages: 3, sampled: 2)
    #expect(ProjectorProfile(json: profile.json) == profile)
    profile.objective = objective
    #expect(ProjectorProfile(json: profile.json) == profile)
    #expect(ProjectorProfile(json: #"{"passages": 3, "sampled": 2}"#) == ProjectorProfile(passages: 3, sampled: 2))
    #expect("\(objective)" == "classes: folders: so; folders: found")
  }
}
