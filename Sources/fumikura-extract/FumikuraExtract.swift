import ExtractionWorker

/// The extraction worker: started by the daemon with a socket as descriptor 0, never by hand.
@main
struct FumikuraExtract {
  static func main() { ExtractionProgram.main(Array(CommandLine.arguments.dropFirst())) }
}
