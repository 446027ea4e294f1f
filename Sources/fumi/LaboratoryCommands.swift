import ArgumentParser

// The laboratory's commands as `fumi --help` lists them. They are never run here: `Laboratory.runIfAsked` goes first.

struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print what the sandboxed worker makes of files.")
}

struct Embed: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Turn lines of text into vectors or tokens.")
}

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how well vectors, whole and compressed, find what they should (retrieval, sts, classify).")
}

struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell how small the vectors of these documents may be made.")
}

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Measure how fast this machine is (encode, scan, train …).")
}

struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Import, list, check and remove encoder models.")
}
