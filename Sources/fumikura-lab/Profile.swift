import ArgumentParser
import Configuration
import Evaluation
import Foundation
import LinearAlgebra
import LinuxSystem
import PassageStore
import Profiling
import RateReduction
import SentenceEncoder
import SystemPackage
import TextExtraction

struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell how small the vectors of these documents may be made.",
    discussion: """
      Measures ways of keeping vectors small on your own documents, before anything is deployed: how much of the whole \
      vectors' ranking each keeps, with an interval, and what it costs. Recommends the fewest bytes that surely keep what \
      the configuration asks for ([projector] profile_kept, profile_bytes), says why, and prints the lines to put in.

      Sources: folders of documents, read as the daemon reads them; --state, a daemon's own store, which may be in use \
      (root or its user; nothing is read or encoded again but questions); --judged, a corpus with queries and judgements \
      in BEIR's form. The questions are the documents' own titles, headings and sentences, of passages that nothing \
      learns from, and the judged queries.

        fumi profile /srv/documents
        fumi profile --state /var/lib/fumikura --svg profile.svg
        fumi profile --judged scifact --quick

      Exit: 0 where something reaches the threshold, 1 where nothing does, 2 on error.
      """)

  @Argument(help: "Folders of documents.", completion: .directory) var folders: [String] = []
  @Option(help: ArgumentHelp("A corpus with judgements, a folder in BEIR's form.", valueName: "folder"))
  var judged: String?
  @Option(
    help: ArgumentHelp("A daemon's state directory, instead of folders.", valueName: "folder"),
    completion: .directory)
  var state: String?

  @Option(
    help: ArgumentHelp(
      "full, truncate, random, pca, pca-whitened, itq, mcr2; several with commas (default: all but itq).",
      valueName: "methods"))
  var method: String?
  @Option(help: ArgumentHelp("Dimensions kept; several with commas (default: 64,128,256).", valueName: "numbers"))
  var dimensions: String?
  @Option(
    help: ArgumentHelp(
      "Bits a dimension: 32 (float), 8, 4, 2, 1; several with commas (default: all).", valueName: "numbers"))
  var bits: String?
  @Option(
    help: ArgumentHelp(
      """
      one: codes alone rank; wide: the best are ranked again by 256 dimensions of 4 bits, held in memory too; source: by \
      the int8 source vectors, read from the disk; several with commas (default: one,wide).
      """, valueName: "stages"))
  var stages: String?
  @Flag(help: "The few points that matter most: full, pca-whitened and mcr2, 128 dimensions, one stage.") var quick =
    false

  @Option(name: .customLong("passages"), help: "Passages measured at most, drawn at random where there are more.")
  var limit = 20_000
  @Option(
    name: .customLong("size"),
    help: "Passages that there will be, where it is more than there are: two stages then see as little as they will.")
  var expected: Int?
  @Option(help: "Seed of what is random: the choice of passages and questions, projections, training, resamples.")
  var seed: UInt64 = 1
  @Option(
    help: ArgumentHelp(
      "The configuration whose thresholds count (default: /etc/fumikura/fumikura.toml where it is; else the defaults).",
      valueName: "file"), completion: .file())
  var config: String?
  @Option(help: ArgumentHelp("The share that must be kept, instead of profile_kept.", valueName: "share")) var kept:
    Double?
  @Option(help: ArgumentHelp("Bytes allowed a passage, instead of profile_bytes.", valueName: "count")) var bytes: Int?
  @OptionGroup var encoding: EncodingOptions
  @OptionGroup var cache: CacheOptions
  @Flag(help: "Print JSON.") var json = false
  @Option(help: ArgumentHelp("Draw quality against bytes into this file.", valueName: "file"), completion: .file())
  var svg: String?

  func validate() throws {
    if folders.isEmpty, judged == nil, state == nil {
      throw ValidationError("got nothing to profile, expected folders, --state or --judged")
    }
    if state != nil, !folders.isEmpty {
      throw ValidationError("--state has its shares' passages already: leave out the folders")
    }
    if quick, method != nil || dimensions != nil || bits != nil || stages != nil {
      throw ValidationError("--quick says what is measured: leave out --method, --dimensions, --bits and --stages")
    }
    if limit < HeldOutSplit.leastPassages {
      throw ValidationError("--passages: got \(limit), expected \(HeldOutSplit.leastPassages) or more")
    }
    if let expected, expected < 1 { throw ValidationError("--size: got \(expected), expected 1 or more") }
    if let kept, !(0.1...2 ~= kept) { throw ValidationError("--kept: got \(kept), expected 0.1 to 2") }
    if let bytes, bytes < 1 { throw ValidationError("--bytes: got \(bytes), expected 1 or more") }
    _ = try plan()
  }

  func run() throws {
    let thresholds = try self.thresholds()
    let stored = try state.map { try storedSample(FilePath($0)) }
    let session = try session(for: stored)
    let plan = try plan()
    let points = try plan.points(inputDimensions: session.dimensions)
    let gathered = try gather(stored, session)
    var corpora: [ProfileCorpus] = []
    var sources: [ProfileReport.Source] = []
    for source in gathered {
      let (corpus, described) = try encode(source, session)
      corpora.append(corpus)
      sources.append(described)
    }
    let folders = try gathered[0].folderClasses(corpora[0].vectors, seed: seed)
    let structure = try ClusterStructure(of: corpora[0].vectors, groups: corpora[0].groups, seed: seed)
    let sweep = ProfileSweep(corpora, points: points, seed: seed)
    let bar = ProgressBar("measuring \(points.count) ways", total: sweep.ticks)
    let rows = try sweep.run(
      scan: { format in
        let timing = ScanTiming(format, seed: seed)
        return (timing.milliseconds, timing.rows)
      },
      control: { rows in
        Recommendation(from: rows, thresholds: thresholds, structure: structure).point
      }, progress: { bar.advance(by: $0) })
    bar.finish()
    let report = ProfileReport(
      model: session.model.name, seed: seed, sources: sources, thresholds: thresholds, structure: structure,
      folders: folders, rows: rows)
    if let svg { try write(ProfilePlot(report).svg, to: svg) }
    if json { try Output.json(report) } else { try ProfileTable(report).print() }
    if !report.recommendation.isReached { throw ExitCode.withoutResults }
  }

  // MARK: What is asked for

  private func plan() throws -> ProfilePlan {
    if quick { return .quick }
    var plan = ProfilePlan()
    if let method {
      plan.methods = try list(method) { name in
        guard let method = ProjectionMethod(rawValue: name) else {
          let known = ProjectionMethod.allCases.map(\.rawValue).joined(separator: ", ")
          throw ValidationError("--method: got “\(name)”, expected one of \(known)")
        }
        return method
      }
      plan.stagedMethods = plan.methods
    }
    if let dimensions {
      plan.dimensions = try list(dimensions) { text in
        guard let number = Int(text), 1...2048 ~= number else {
          throw ValidationError("--dimensions: got “\(text)”, expected 1 to 2048")
        }
        return number
      }
    }
    if let bits {
      plan.bits = try list(bits) { text in
        guard let number = Int(text), CompressedRows.bitWidths.contains(number) else {
          throw ValidationError("--bits: got “\(text)”, expected 32 (float), 8, 4, 2 or 1")
        }
        return number
      }
    }
    if let stages {
      plan.stages = try list(stages) { name in
        guard let stage = ProfileStage(rawValue: name) else {
          let known = ProfileStage.allCases.map(\.rawValue).joined(separator: ", ")
          throw ValidationError("--stages: got “\(name)”, expected one of \(known)")
        }
        return stage.rescorer
      }
    }
    return plan
  }

  private func list<Value>(_ text: String, _ value: (String) throws -> Value) throws -> [Value] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { try value(String($0)) }
  }

  private func thresholds() throws -> ProfileThresholds {
    let standard: FilePath = "/etc/fumikura/fumikura.toml"
    var configuration = DaemonConfiguration().projector
    if let file = config.map({ FilePath($0) })
      ?? (FileManager.default.isReadableFile(atPath: standard.string) ? standard : nil)
    {
      configuration = try DaemonConfiguration(contentsOf: file).projector
    }
    return ProfileThresholds(
      kept: kept ?? configuration.profileKept, bytes: bytes ?? configuration.profileBytes)
  }

  // MARK: What is profiled

  private func storedSample(_ directory: FilePath) throws -> StoredSample {
    let database = directory.appending("fumikura.db")
    do throws(StoreError) {
      return try StoredSample(at: database, limit: limit, seed: seed)
    } catch {
      guard case .system(let failure) = error, failure.code == .permissionDenied else { throw error }
      throw LabError.unusable(
        "\(failure): the store holds everybody's text; only root and the daemon's user may read it")
    }
  }

  /// With the model that made the stored vectors, wherever that is: the one that --model names, else where the daemon
  /// last saw it.
  private func session(for stored: StoredSample?) throws -> EncodingSession {
    guard let stored else { return try EncodingSession(encoding, cache: cache) }
    // Where it does not lead to a model, what the store says counts.
    if let named = try? EncodingSession(encoding, cache: cache), named.model.hash == stored.model.hash { return named }
    var options = encoding
    guard let path = stored.model.path else {
      throw LabError.unusable(
        "the store's vectors are of a model \(stored.model.hash) whose file is not known: name it with --model")
    }
    options.model = path.string
    let session = try EncodingSession(options, cache: cache)
    guard session.model.hash == stored.model.hash else {
      throw LabError.unusable(
        "\(path): got the model \(session.model.hash), expected \(stored.model.hash), which made the store's vectors; "
          + "name its file with --model")
    }
    return session
  }

  /// The documents, where there are any, then the judged corpus.
  private func gather(_ stored: StoredSample?, _ session: EncodingSession) throws -> [ProfilePassages] {
    var sources: [ProfilePassages] = []
    if let stored { sources.append(ProfilePassages(stored)) }
    if !folders.isEmpty {
      let reading = FolderReading(
        cutter: PassageCutter(for: session.model), workers: encoding.threads, seed: seed, limit: limit)
      sources.append(try reading.read(folders.map { FilePath($0) }))
    }
    if let judged {
      let dataset = try RetrievalDataset(folder: FilePath(judged))
      for warning in dataset.warnings { Output.remark("warning: \(warning)") }
      sources.append(ProfilePassages(dataset, limit: limit, seed: seed))
    }
    return sources
  }

  private func encode(
    _ source: ProfilePassages, _ session: EncodingSession
  ) throws -> (ProfileCorpus, ProfileReport.Source) {
    let name = source.name
    let split = try HeldOutSplit(name: name, passages: source.passages.map { ($0.title, $0.text) }, seed: seed)
    let vectors: Matrix
    if let known = source.vectors {
      vectors = known
    } else {
      vectors = try session.encode(
        source.passages.map(\.encoded), as: .passage, label: "encoding \(name), passages")
    }
    let questions = try session.encode(
      split.questions.texts, as: .query, label: "encoding \(name), held-out questions")
    let learned = try session.encode(
      split.trainingQuestions.texts, as: .query, label: "encoding \(name), questions to learn from")
    var judged: ProfileCorpus.Queries?
    if !source.judged.isEmpty {
      judged = ProfileCorpus.Queries(
        kind: .judged,
        vectors: try session.encode(
          source.judged.map(\.text), as: .query, label: "encoding \(name), judged queries"),
        judgements: source.judged.map(\.judgements), units: Array(source.judged.indices))
    }
    let bytes = try source.databaseBytes ?? StoreSize.perPassage(source.passages.map(\.text), vectors: vectors)
    let corpus = try ProfileCorpus(
      name: name, vectors: vectors, split: split, questions: questions, trainingQuestions: learned, judged: judged,
      total: max(source.total, expected ?? 0),
      groups: source.passages.contains { !$0.group.isEmpty } ? source.passages.map(\.group) : [],
      databaseBytes: bytes)
    return (
      corpus,
      ProfileReport.Source(
        name: name, passages: source.passages.count, of: source.total, isEstimated: source.isEstimated,
        files: source.files, heldOutPassages: split.heldOut.count, heldOutQuestions: split.questions.texts.count,
        judgedQueries: source.judged.count)
    )
  }

  private func write(_ text: String, to file: String) throws {
    do { try Data(text.utf8).write(to: URL(filePath: file)) } catch {
      throw LabError.unusable("\(file): cannot be written: \(error.localizedDescription)")
    }
  }
}
