import ArgumentParser
import Evaluation
import Foundation
import Glibc
import RateReduction
import SentenceEncoder
import SystemPackage

struct ModelDistill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "distill",
    abstract: "Make a small, fast model that imitates another on your own documents.",
    discussion: """
      A static student has a vector for each piece of its teacher's vocabulary and no layers: encoding is a sum, over a \
      million tokens a second on one core. It is fitted to what the teacher makes of the passages and of questions made of \
      them (titles, sentences), and is as good as that on documents like these, less so on others.

      CORPUS is any number of text files with a passage a line, folders in BEIR's form (corpus.jsonl; queries and \
      judgements are never read) and folders of documents, as `fumi extract` reads them. A few passages are held out, to \
      say at the end what the student costs.

        fumi model distill --to static --name documents-static /srv/documents
        fumi bench encode --model documents-static --threads 1 --file texts.txt

      The same seed gives the same file on the same machine. Interrupted, it leaves nothing.
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable { case `static` }

  @Argument(help: "Text files, or folders.", completion: .file()) var corpus: [String]
  @Option(help: "What to make: static.") var to: Kind
  @Option(help: "The teacher: a model's name, or the path of an .fmodel file.") var from = "all-MiniLM-L6-v2"
  @Option(help: "The student's name.") var name: String
  @Option(help: "The folder to write to (default: where models are looked for first).", completion: .directory)
  var folder: String?
  @Option(help: "Steps of the fitting.") var steps = StudentOptions().steps
  @Option(help: "Numbers of a vector, at most the teacher's.") var dimensions = StudentOptions().dimensions
  @Option(help: "Weight of the rate reduction beside the distillation; 0 leaves it out.")
  var rateWeight = StudentOptions().rateWeight
  @Option(help: "Share of a text's tokens that a step leaves out.") var dropout = StudentOptions().dropout
  @Option(help: "Seed of what is random: pseudo-queries, what is held out, the fitting.") var seed: UInt64 = 1
  @Option(name: .customLong("threads"), help: ArgumentHelp("Threads that encode (default: all cores).", valueName: "n"))
  var requestedThreads: Int?
  @OptionGroup var cache: CacheOptions
  @Flag(help: "Print JSON.") var json = false

  private struct Report: Encodable {
    struct HeldOut: Encodable {
      var passages: Int
      var queries: Int
      var cosine: Double?
      var ndcg: Double?
      var teacherNDCG: Double?
      var kept: Double?
      /// What is kept of the teacher's nDCG@10 without the fitting.
      var keptUnfitted: Double?

      enum CodingKeys: String, CodingKey {
        case passages, queries, cosine, kept
        case ndcg = "ndcg@10"
        case teacherNDCG = "teacher_ndcg@10"
        case keptUnfitted = "kept_unfitted"
      }
    }
    var model: ModelDescription
    var passages: Int
    var steps: Int
    var seed: UInt64
    var heldOut: HeldOut

    enum CodingKeys: String, CodingKey {
      case model, passages, steps, seed
      case heldOut = "held_out"
    }
  }

  func validate() throws {
    if name.isEmpty || name.contains("/") || name.hasPrefix(".") {
      throw ValidationError("--name: got “\(name)”, expected a file name without a slash or a leading dot")
    }
    for (option, got) in [("--steps", steps), ("--dimensions", dimensions), ("--threads", requestedThreads ?? 1)]
    where got < 1 { throw ValidationError("\(option): got \(got), expected 1 or more") }
    if !(rateWeight >= 0 && rateWeight.isFinite) {
      throw ValidationError("--rate-weight: got \(rateWeight), expected 0 or more")
    }
    if !(0..<1).contains(dropout) { throw ValidationError("--dropout: got \(dropout), expected 0 to below 1") }
  }

  func run() throws {
    let session = try EncodingSession(
      model: from, path: nil, threads: requestedThreads ?? ProcessInfo.processInfo.activeProcessorCount, cache: cache)
    guard dimensions <= session.dimensions else {
      throw ValidationError("--dimensions: got \(dimensions), expected at most the teacher's \(session.dimensions)")
    }
    let reading = CorpusReading(model: session.model)
    let passages = try corpus.flatMap { try reading.passages(of: FilePath($0)) }
    var options = StudentOptions(dimensions: dimensions, seed: seed)
    options.steps = steps
    options.rateWeight = rateWeight
    options.dropout = dropout
    let bar = ProgressBar("fitting", total: steps)
    let student = try StudentDistillation(options: options).distil(
      teacher: session.model, passages: passages,
      encode: { try session.encode($0, as: $1, label: $2) },
      progress: { _ in
        bar.advance(by: 1)
        return true
      })
    bar.finish()

    let folder = folder.map { FilePath($0) } ?? ModelDirectories().folders[0]
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    let file = folder.appending("\(name).fmodel")
    // Up to here nothing is there to be left; the moment in which a file is written is not interrupted.
    let before = signal(SIGINT, SIG_IGN)
    defer { signal(SIGINT, before) }
    try session.model.writeStatic(tokenVectors: student.tokenVectors, to: file, name: name)
    try report(try EncoderModel(contentsOf: file), student, passages: passages.count)
  }

  private func report(_ model: EncoderModel, _ student: StudentDistillation.Student, passages: Int) throws {
    let cost = student.cost
    let description = try ModelDescription(model)
    if json {
      return try Output.json(
        Report(
          model: description, passages: passages, steps: steps, seed: seed,
          heldOut: Report.HeldOut(
            passages: cost.passages, queries: cost.queries, cosine: cost.cosine, ndcg: cost.studentNDCG,
            teacherNDCG: cost.teacherNDCG, kept: cost.kept, keptUnfitted: student.unfitted.kept)))
    }
    try Output.line("\(model.path): \(description.summary)")
    if let cosine = cost.cosine {
      try Output.line(
        "held out, \(cost.passages) of \(passages) passages: cosine to the teacher \(cosine.formatted(decimals: 3))")
    }
    if let ndcg = cost.studentNDCG, let teacher = cost.teacherNDCG, let kept = cost.kept,
      let unfitted = student.unfitted.kept
    {
      try Output.line(
        "their \(cost.queries) pseudo-queries: nDCG@10 \(ndcg.formatted(decimals: 3)), the teacher's "
          + "\(teacher.formatted(decimals: 3)): kept \(kept.formatted(decimals: 3)) "
          + "(without the fitting \(unfitted.formatted(decimals: 3)))")
    }
  }
}
