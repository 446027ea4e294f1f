import ArgumentParser
import Evaluation
import Foundation
import RateReduction

/// Which ways of making vectors small are measured. Lists are separated by commas, and every combination is measured.
struct CompressionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      full, truncate, random, pca, pca-whitened, itq, opq, mcr2, for retrieval static, and with labels lda, contrast; \
      several with commas.
      """, valueName: "methods"))
  var method: String?

  @Option(help: ArgumentHelp("Dimensions kept; several with commas. `full` always keeps all.", valueName: "numbers"))
  var dimensions: String?

  @Option(
    help: ArgumentHelp(
      "Bits a dimension: 32 (float), 8, 4, 2, 1; several with commas. `opq` takes the same bytes, and has no floats.",
      valueName: "numbers"))
  var bits: String = "32"

  @Flag(help: "Rank the best candidates of the codes again, by --rescorer.") var twoStage = false

  @Option(
    help: ArgumentHelp(
      """
      What --two-stage ranks again by: wide, a second projector of 256 dimensions as codes of four bits (mcr2: trained \
      so; others: whitened PCA), or source, the int8 source vectors (default: wide).
      """, valueName: "wide|source"))
  var rescorer: Rescorer.Kind?

  @Option(
    help: """
      How many candidates --two-stage ranks again (default: 1000 for codes of 16 bytes and fewer, 400 to 32, 200 above).
      """)
  var candidates: Int?

  @Option(
    help: ArgumentHelp("Measure a projector that is stored in a file, instead of methods.", valueName: "file"),
    completion: .file())
  var projector: String?

  @Option(help: "Seed of what is random: projections, rotations, pseudo-queries, training.") var seed: UInt64 = 1

  @Option(
    name: .customLong("repeat"), help: "Run with so many seeds, from --seed on, and print the mean and the spread.")
  var repetitions = 1

  /// The methods asked for, `otherwise` where none was. Those that are not in `allowed` are refused.
  func methods(
    of allowed: [MeasuredMethod], otherwise: [MeasuredMethod]
  ) throws -> [MeasuredMethod] {
    guard let method else { return otherwise }
    let supported = allowed.map(\.rawValue).joined(separator: ", ")
    return try method.split(separator: ",", omittingEmptySubsequences: false).map { name in
      if let method = MeasuredMethod(rawValue: String(name)), allowed.contains(method) { return method }
      throw ValidationError("--method: got “\(name)”, expected one of \(supported)")
    }
  }

  /// For evaluations that have no corpus of passages to distil a student on.
  func refuseStatic() throws {
    guard try methods(of: MeasuredMethod.allCases, otherwise: []).contains(.static) else { return }
    throw ValidationError(
      "static is distilled on a corpus of passages, and this is none: make a student by `fumi model distill` and measure it by --model"
    )
  }

  func dimensionsList(otherwise: [Int]) throws -> [Int] {
    guard let dimensions else { return otherwise }
    return try Self.numbers(dimensions, option: "--dimensions", expected: "1 to 2048") { 1...2048 ~= $0 }
  }

  func bitsList() throws -> [Int] {
    try Self.numbers(bits, option: "--bits", expected: "32 (float), 8, 4, 2 or 1") {
      CompressedRows.bitWidths.contains($0)
    }
  }

  var seeds: [UInt64] { (0..<UInt64(repetitions)).map { seed &+ $0 } }

  func validate() throws {
    let methods = try methods(of: MeasuredMethod.allCases, otherwise: [])
    _ = try dimensionsList(otherwise: [])
    if methods.contains(.opq), try bitsList().allSatisfy({ $0 == 32 }) {
      throw ValidationError("--method opq: got --bits 32 (float), expected 8, 4, 2 or 1: it is a code")
    }
    if !twoStage, rescorer != nil { throw ValidationError("--rescorer is for --two-stage") }
    if !twoStage, candidates != nil { throw ValidationError("--candidates is for --two-stage") }
    if let candidates, candidates < 1 {
      throw ValidationError("--candidates: got \(candidates), expected 1 or more")
    }
    if repetitions < 1 { throw ValidationError("--repeat: got \(repetitions), expected 1 or more") }
    if projector != nil, method != nil || dimensions != nil {
      throw ValidationError("--projector measures the stored one: leave out --method and --dimensions")
    }
  }

  private static func numbers(
    _ list: String, option: String, expected: String, isAllowed: (Int) -> Bool
  ) throws -> [Int] {
    try list.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let number = Int(text), isAllowed(number) else {
        throw ValidationError("\(option): got “\(text)”, expected \(expected)")
      }
      return number
    }
  }
}

extension Rescorer.Kind: ExpressibleByArgument {}
