import ArgumentParser

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how fast this machine is.",
    subcommands: [
      BenchEncode.self, BenchScan.self, BenchSearch.self, BenchTrain.self, BenchFreshness.self, BenchQuery.self,
    ])
}
