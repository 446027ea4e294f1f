import Evaluation
import Profiling
import Testing

@Suite("Which passages only measure")
struct HeldOutSplitTests {
  private func passages(_ count: Int) -> [(title: String, text: String)] {
    (0..<count).map { number in
      ("Chapter number \(number)", "Passage \(number) is of its own. It tells of thing \(number * 7).")
    }
  }

  @Test func `a fifth is held out, nothing of it is learned from, and copies stay on one side`() throws {
    var all = passages(300)
    all += Array(all[0..<100])
    let split = try HeldOutSplit(name: "book", passages: all, seed: 3)
    #expect(Set(split.heldOut.map { all[$0].text }).count == 60)
    #expect(Set(split.heldOut).isDisjoint(with: split.training))
    #expect(split.heldOut.count + split.training.count == all.count)
    let heldOut = Set(split.heldOut.map { all[$0].text })
    #expect(split.training.allSatisfy { !heldOut.contains(all[$0].text) })
    #expect(split.questions.owners.allSatisfy { heldOut.contains(all[$0].text) })
    for (text, owner) in zip(split.trainingQuestions.texts, split.trainingQuestions.owners) {
      let passage = all[split.training[owner]]
      #expect(passage.title == text || passage.text.contains(text))
    }
    for (judgements, owner) in zip(split.judgements, split.questions.owners) {
      let copies = Set(all.indices.filter { all[$0].text == all[owner].text })
      #expect(copies.isSubset(of: judgements.gains.keys))
    }
    #expect(try HeldOutSplit(name: "book", passages: all, seed: 3).questions == split.questions)
    #expect(try HeldOutSplit(name: "book", passages: all, seed: 4).heldOut != split.heldOut)
  }

  @Test func `a heading of many passages asks for all of them`() throws {
    let all = passages(250).enumerated().map { number, passage in
      (title: number < 50 ? "Minutes of the meeting" : passage.title, text: passage.text)
    }
    let split = try HeldOutSplit(name: "book", passages: all, seed: 1)
    let shared = zip(split.questions.texts, split.judgements).filter { $0.0 == "Minutes of the meeting" }
    #expect(!shared.isEmpty)
    #expect(shared.allSatisfy { $0.1.gains.count == 50 })
  }

  @Test func `too few passages, and copies of a few, are refused with their numbers`() {
    #expect(throws: ProfileError.tooFewPassages(name: "book", passages: 199, different: 199)) {
      try HeldOutSplit(name: "book", passages: passages(199), seed: 1)
    }
    let copies = [[(title: String, text: String)]](repeating: passages(10), count: 50).flatMap { $0 }
    #expect(throws: ProfileError.tooFewPassages(name: "book", passages: 500, different: 10)) {
      try HeldOutSplit(name: "book", passages: copies, seed: 1)
    }
  }

  @Test func `passages without a word have nothing to ask for`() {
    let blank = (0..<300).map { (title: "", text: String(repeating: " ", count: $0 + 1)) }
    #expect(throws: ProfileError.noQuestions(name: "book")) {
      try HeldOutSplit(name: "book", passages: blank, seed: 1)
    }
  }
}
