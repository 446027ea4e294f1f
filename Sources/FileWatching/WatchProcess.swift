import CLinux
import Glibc
import LinuxSystem
import SystemPackage
import WatchFrames

/// The running `fumikura-watch`, from the daemon's side. Used by one thread, which must live as long as it: the process
/// dies with the *thread* that started it (PR_SET_PDEATHSIG).
final class WatchProcess {
  let id: pid_t
  private let commands: OwnedDescriptor
  private let reports: OwnedDescriptor
  private var decoder = WatchReportDecoder()
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// Starts the program. Its standard error is ours.
  init(program: FilePath, arguments: [String]) throws(LinuxError) {
    let commandEnds = try Self.socketPair(SOCK_SEQPACKET)
    let reportEnds = try Self.socketPair(SOCK_STREAM)
    var argv: [UnsafeMutablePointer<CChar>?] = ([program.string] + arguments).map { strdup($0) } + [nil]
    defer { argv.forEach { free($0) } }
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    let descriptors = [commandEnds.theirs.rawValue, reportEnds.theirs.rawValue, STDERR_FILENO]
    let started = program.withPlatformString {
      fumikura_spawn($0, &argv, &environment, descriptors, CInt(descriptors.count))
    }
    guard started > 0 else { throw LinuxError(call: "spawn", subject: program.string) }
    id = started
    commands = commandEnds.ours
    reports = reportEnds.ours
  }

  private struct Ends: ~Copyable {
    let ours: OwnedDescriptor
    let theirs: OwnedDescriptor
  }

  private static func socketPair(_ type: __socket_type) throws(LinuxError) -> Ends {
    var pair: [CInt] = [-1, -1]
    guard socketpair(AF_UNIX, CInt(type.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
      throw LinuxError(call: "socketpair", subject: "the watch process")
    }
    return Ends(ours: OwnedDescriptor(pair[0]), theirs: OwnedDescriptor(pair[1]))
  }

  /// To wait on for reports.
  var descriptor: CInt { reports.rawValue }

  /// Asks for a watch. A process that has ended is noticed by `read`, not here.
  func add(_ id: UInt32, directory: borrowing OwnedDescriptor) throws(LinuxError) {
    try send(.add(id: id), directory.rawValue)
  }

  func remove(_ id: UInt32) throws(LinuxError) { try send(.remove(id: id), -1) }

  private func send(_ command: WatchCommand, _ descriptor: CInt) throws(LinuxError) {
    let message = command.encoded
    guard fumikura_send_descriptor(commands.rawValue, message, message.count, descriptor) < 0 else { return }
    if errno == EPIPE || errno == ECONNRESET { return }
    throw LinuxError(call: "sendmsg", subject: "the watch process")
  }

  /// Takes what can be read without waiting. Returns false where the process has closed its output, that is, ended.
  func read(_ handle: (WatchReport) -> Void) throws(WatchFrameError) -> Bool {
    while true {
      let count = recv(reports.rawValue, &buffer, buffer.count, CInt(MSG_DONTWAIT))
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EAGAIN { return true }
      guard count > 0 else { return false }
      decoder.append(buffer[..<count])
      while let report = try decoder.next() { handle(report) }
      // The caller has more to do than to read for ever from a busy share.
      return true
    }
  }

  /// Ends it, where it has not ended, and waits for its end.
  func end() {
    kill(id, SIGKILL)
    while waitpid(id, nil, 0) < 0 && errno == EINTR {}
  }
}
