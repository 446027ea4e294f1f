import CLinux
import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// One running `fumikura-extract`, and our end of its socket. Used by one thread at a time; `terminate` by any.
final class WorkerProcess: Sendable {
  enum Failure: Error {
    case deadline
    /// The process is gone; its `wait` status.
    case ended(status: CInt)
    case malformed(String)
    /// It could not be started, or not confine itself.
    case unavailable(String)
  }

  let identifier: pid_t
  private let socket: OwnedDescriptor
  /// The `wait` status once the process was reaped: its pid may then be anybody's.
  private let status = Mutex<CInt?>(nil)
  private let served = Atomic<UInt64>(0)

  /// Starts a worker and waits until it says that it is confined. To be called on a thread that lives as long as the
  /// worker: the kernel takes the death of that *thread* for the parent's (PR_SET_PDEATHSIG).
  init(program: FilePath, arguments: [String], patience: Duration) throws(Failure) {
    var ends: (CInt, CInt) = (-1, -1)
    let made = withUnsafeMutableBytes(of: &ends) {
      socketpair(
        AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0,
        $0.assumingMemoryBound(to: CInt.self).baseAddress)
    }
    guard made == 0 else { throw .unavailable("\(LinuxError(call: "socketpair", subject: "a worker"))") }
    socket = OwnedDescriptor(ends.0)
    let theirs = OwnedDescriptor(ends.1)
    let nowhere = OwnedDescriptor(open("/dev/null", O_RDWR | O_CLOEXEC))
    guard nowhere.rawValue >= 0 else { throw .unavailable("\(LinuxError(call: "open", subject: "/dev/null"))") }
    // Its stderr is ours until it is confined, so that a missing library is seen; then it closes it.
    let descriptors = [theirs.rawValue, nowhere.rawValue, 2]
    let started = Self.withArguments([program.string] + arguments) { argv in
      Self.withArguments(Self.environment()) { environment in
        program.withPlatformString { fumikura_spawn($0, argv, environment, descriptors, CInt(descriptors.count)) }
      }
    }
    guard started > 0 else { throw .unavailable("\(LinuxError(call: "exec", subject: program.string))") }
    identifier = started
    do throws(Failure) {
      _ = consume theirs
      switch try receive(until: .now + patience) {
      case .ready: break
      case .unable(let why): throw .unavailable(why)
      case .outcome: throw .malformed("an outcome before any request")
      }
    } catch {
      let status = terminate()
      if case .ended = error { throw .unavailable("\(program) ended before it was ready: \(Self.describe(status))") }
      if case .deadline = error { throw .unavailable("\(program) was not ready within \(patience)") }
      throw error
    }
  }

  deinit { terminate() }

  /// Files it was given so far.
  var filesServed: UInt64 { served.load(ordering: .relaxed) }

  /// Whether it waits for a request: alive, and with nothing said out of turn.
  var isIdle: Bool {
    var poll = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, 0) == 0
  }

  /// Resident bytes, as the kernel counts them; 0 where it does not say.
  var residentBytes: Int {
    guard let file = fopen("/proc/\(identifier)/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, CInt(line.count), file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
      separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(CInt(_SC_PAGESIZE)) : 0
  }

  /// Hands it one file and waits for the outcome.
  func extract(
    _ descriptor: CInt, name: [UInt8], deadline: ContinuousClock.Instant, milliseconds: UInt32
  ) throws(Failure) -> ExtractionOutcome {
    let number = served.add(1, ordering: .relaxed).newValue
    let request = ExtractionMessage.Request(number: number, milliseconds: milliseconds, name: name).encoded()
    // Small enough for the empty socket of an idle worker: never blocks, never comes short.
    let sent = fumikura_send_descriptor(socket.rawValue, request, request.count, descriptor)
    guard sent == request.count else {
      if sent < 0 && errno == EPIPE { throw ended() }
      throw .malformed("\(LinuxError(call: "sendmsg", subject: "a request to worker \(identifier)"))")
    }
    guard case .outcome(let outcome, let answered) = try receive(until: deadline), answered == number else {
      throw .malformed("a reply to something else than request \(number)")
    }
    return outcome
  }

  /// Kills it if it runs, and reaps it. Returns its `wait` status: that of its own end if it came first.
  @discardableResult
  func terminate() -> CInt {
    status.withLock { known in
      if let known { return known }
      kill(identifier, SIGKILL)
      var status: CInt = 0
      while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
      known = status
      return status
    }
  }

  /// Why its end of the socket is closed: a dying process closes it just before it is dead.
  private func ended() -> Failure {
    let isAlive = fumikura_await_exit(identifier, 1000) == 0
    let status = terminate()
    return isAlive ? .malformed("nothing, and closed its socket") : .ended(status: status)
  }

  /// A `wait` status in words.
  static func describe(_ status: CInt) -> String {
    if let signal = signal(of: status) {
      return "killed by signal \(signal) (\(strsignal(signal).map { String(cString: $0) } ?? "unknown"))"
    }
    return "exit status \(status >> 8 & 0xFF)"
  }

  /// The signal that ended the process, if one did.
  static func signal(of status: CInt) -> CInt? { status & 0x7F == 0 ? nil : status & 0x7F }

  private func receive(until deadline: ContinuousClock.Instant) throws(Failure) -> ExtractionMessage.Reply {
    let header = try read(4, until: deadline)
    let length = header.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    guard length <= ExtractionMessage.maximumReplyBytes else {
      throw .malformed("a reply of \(length) bytes, expected up to \(ExtractionMessage.maximumReplyBytes)")
    }
    let content = try read(length, until: deadline)
    do throws(MalformedMessage) {
      return try ExtractionMessage.Reply(decoding: content)
    } catch {
      throw .malformed(error.description)
    }
  }

  /// Takes exactly `count` bytes; memory grows with what comes, not with what is announced.
  private func read(_ count: Int, until deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: min(count, 1 << 16))
    while result.count < count {
      let left = ContinuousClock.Instant.now.duration(to: deadline)
      guard left > .zero else { throw .deadline }
      var poll = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
      let ready = Glibc.poll(&poll, 1, CInt(clamping: left.milliseconds + 1))
      if ready == 0 || ready < 0 && errno == EINTR { continue }
      // recv, not recvmsg: a descriptor that a worker sends is thrown away by the kernel.
      let received = recv(socket.rawValue, &buffer, min(buffer.count, count - result.count), CInt(MSG_DONTWAIT))
      if received < 0 && (errno == EAGAIN || errno == EINTR) { continue }
      guard received > 0 else { throw ended() }
      result += buffer.prefix(received)
    }
    return result
  }

  /// What a worker is told of the world.
  private static func environment() -> [String] {
    var result = [
      "LC_ALL=C.UTF-8",
      // One heap, so that the address space limit is a memory limit.
      "MALLOC_ARENA_MAX=1", "SWIFT_BACKTRACE=enable=no", "G_SLICE=always-malloc", "GIO_USE_VFS=local",
      "GIO_MODULE_DIR=/nonexistent",
    ]
    if let path = getenv("LD_LIBRARY_PATH") { result.append("LD_LIBRARY_PATH=\(String(cString: path))") }
    return result
  }

  private static func withArguments<Result>(
    _ arguments: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = arguments.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}

extension Duration {
  /// Whole milliseconds, cut.
  var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
