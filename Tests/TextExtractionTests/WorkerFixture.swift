import Foundation
import LinuxSystem
import SystemPackage
import TextExtraction

/// Files and pools for tests with real worker processes.
enum WorkerFixture {
  /// The worker that was built beside the tests.
  static let program: FilePath = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = FilePath(tests ?? "/").removingLastComponent()
    return folder.appending("fumikura-extract")
  }()

  static func pool(
    workers: Int = 1, deadline: Duration = .seconds(20), memory: Int = 256 << 20, filesPerWorker: Int = 500
  ) -> ExtractionPool {
    ExtractionPool(
      worker: program, workers: workers, deadline: deadline, memoryLimit: memory, filesPerWorker: filesPerWorker,
      arguments: ["--test-hooks"])
  }

  /// An open file of this content, which has no name any more.
  static func file(_ content: some Collection<UInt8>) throws -> OwnedDescriptor {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("fumikura-\(UUID().uuidString)").path
    try Data(content).write(to: URL(fileURLWithPath: path))
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LinuxError(call: "open", subject: path) }
    unlink(path)
    return OwnedDescriptor(descriptor)
  }

  static func order(_ what: String) throws -> OwnedDescriptor { try file("FUMIKURA-TEST-HOOK \(what)\n".utf8) }
}
