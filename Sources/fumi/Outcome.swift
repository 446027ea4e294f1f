import ArgumentParser

/// How the program ends: 0 with results, 1 without any, 2 on an error.
enum Outcome {
  static let nothing = ExitCode(1)
  static let failure = ExitCode(2)
}
