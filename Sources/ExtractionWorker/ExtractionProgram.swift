import CLinux
import Glibc
import LinuxSystem
import TextExtraction

/// The life of a worker process: confine itself, say so, serve files until the socket ends.
package enum ExtractionProgram {
  /// Descriptor 0 is the socket to the pool. Arguments: `--memory BYTES`, and in tests `--test-hooks`.
  package static func main(_ arguments: [String]) -> Never {
    var memory = 512 << 20
    var hooks = false
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--memory":
        guard let value = rest.popFirst().flatMap({ Int($0) }), value > 0 else { usage() }
        memory = value
      case "--test-hooks": hooks = true
      default: usage()
      }
    }
    do throws(LinuxError) {
      try Confinement.apply(memory: memory)
    } catch {
      send(.unable(error.description))
      exit(1)
    }
    send(.ready)
    while let (request, file) = nextRequest() {
      // The file is closed before the pool hears of the outcome.
      send(.outcome(outcome(of: file, request, hooks: hooks), number: request.number))
    }
    exit(0)
  }

  private static func outcome(of file: CInt, _ request: ExtractionMessage.Request, hooks: Bool) -> ExtractionOutcome {
    guard let source = DocumentSource(OwnedDescriptor(file)) else {
      return .skipped(reason: "not-regular", detail: nil)
    }
    if hooks, let outcome = TestHook.run(on: source) { return outcome }
    // What an allocation that fails later leaves there tells its crash from others.
    errno = 0
    return Extractor.outcome(
      of: source, name: String(decoding: request.name, as: UTF8.self),
      deadline: .now + .milliseconds(Int(request.milliseconds)))
  }

  /// The next request and its file, which the caller closes; nil where the pool has gone.
  private static func nextRequest() -> (ExtractionMessage.Request, CInt)? {
    var buffer = [UInt8](repeating: 0, count: ExtractionMessage.maximumRequestBytes)
    var descriptor: CInt = -1
    // Small enough to have been sent, and so to come, in one piece.
    let received = fumikura_receive_descriptor(0, &buffer, buffer.count, &descriptor)
    guard received > 4, descriptor >= 0 else { return nil }
    do throws(MalformedMessage) {
      return (try ExtractionMessage.Request(decoding: Array(buffer[4..<received])), descriptor)
    } catch {
      // The daemon is trusted: this is a bug of ours, and the pool reports the exit.
      exit(2)
    }
  }

  private static func send(_ reply: ExtractionMessage.Reply) { send(bytes: reply.encoded()) }

  /// Sends all of `bytes`, blocking; ends the process where the pool has gone.
  static func send(bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let sent = bytes.withUnsafeBytes {
        Glibc.send(0, $0.baseAddress! + offset, bytes.count - offset, CInt(MSG_NOSIGNAL))
      }
      if sent < 0 && errno == EINTR { continue }
      guard sent > 0 else { exit(0) }
      offset += sent
    }
  }

  private static func usage() -> Never {
    let message = "fumikura-extract is started by fumikurad, with a socket as its standard input.\n"
    _ = write(2, message, message.utf8.count)
    exit(64)
  }
}
