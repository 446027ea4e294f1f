import ArgumentParser
import Foundation
import SentenceEncoder

/// The options of every command that encodes.
struct EncodingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A model's name, or the path of an .fmodel file.", valueName: "model"))
  var model = "all-MiniLM-L6-v2"

  @Option(name: .customLong("threads"), help: ArgumentHelp("Threads that encode (default: all cores).", valueName: "n"))
  var requestedThreads: Int?

  @Option(
    help: ArgumentHelp(
      "How to compute: fast (eight bits) or reference (float32). Default: fast where this processor and the model allow it.",
      valueName: "path"))
  var path: EncoderPath?

  var threads: Int { requestedThreads ?? ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if threads < 1 { throw ValidationError("--threads: got \(threads), expected 1 or more") }
  }
}

extension EncoderPath: ExpressibleByArgument {}
extension TextRole: ExpressibleByArgument {}

/// Where encoded texts are kept between runs.
struct CacheOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder that keeps encoded texts, so that a second run need not encode (default: $XDG_CACHE_HOME/fumikura, else ~/.cache/fumikura).",
      valueName: "folder"))
  var cache: String?

  @Flag(help: "Neither read nor keep encoded texts.")
  var noCache = false

  func validate() throws {
    if noCache, cache != nil { throw ValidationError("--cache and --no-cache cannot both be given") }
  }
}
