import CInotifyTools
import CLinux
import Glibc
import WatchFrames

/// `fumikura-watch`: the one process that owns inotify.
///
/// Standard input is a SOCK_SEQPACKET socket with one `WatchCommand` a message, and a directory's descriptor beside each
/// `add`; standard output takes `WatchReport` frames. It ends when either is closed, or with its parent. It never stops
/// draining inotify: where nobody reads its output, it keeps up to `--backlog` bytes (32 MiB) of reports, then loses
/// events and says so by one `overflow`.
///
/// Being given descriptors, it opens no path: what is watched is what the daemon opened beneath a share's root, whatever
/// has happened to the path since, and however long it is.
@main
struct FumikuraWatch {
  static func main() {
    // The other end may be gone before this call: then standard input is closed already.
    guard fumikura_die_with_parent(SIGKILL) == 0 else { end("PR_SET_PDEATHSIG is refused: \(reason(errno))") }
    signal(SIGPIPE, SIG_DFL)
    let backlog = backlogLimit(CommandLine.arguments)
    for descriptor in [STDIN_FILENO, STDOUT_FILENO] {
      let flags = fcntl(descriptor, F_GETFL)
      guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
        end("descriptor \(descriptor) cannot be made non-blocking: \(reason(errno))")
      }
    }
    var watches = InotifyWatches()
    var output = ReportOutput(limit: backlog)
    while true {
      // The library hands out one event a call from a buffer of its own, which poll does not see: as long as it may
      // hold events, we do not wait.
      let isDrained = watches.drain(atMost: 4096, into: &output)
      let commands = takeCommands(atMost: 64, &watches, &output)
      output.flush()
      if commands == .closed { exit(EXIT_SUCCESS) }
      let mustGoOn = !isDrained || commands == .more
      var waits = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: watches.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: STDOUT_FILENO, events: output.isEmpty ? 0 : Int16(POLLOUT), revents: 0),
      ]
      guard poll(&waits, nfds_t(waits.count), mustGoOn ? 0 : -1) >= 0 || errno == EINTR else {
        end("poll failed: \(reason(errno))")
      }
      // Nobody will ever read again.
      if waits[2].revents & Int16(POLLERR) != 0 { exit(EXIT_SUCCESS) }
    }
  }

  private enum Commands { case more, none, closed }

  private static func takeCommands(
    atMost limit: Int, _ watches: inout InotifyWatches, _ output: inout ReportOutput
  ) -> Commands {
    var message = [UInt8](repeating: 0, count: 64)
    for _ in 0..<limit {
      var descriptor: CInt = -1
      let count = fumikura_receive_descriptor(STDIN_FILENO, &message, message.count, &descriptor)
      if count == 0 { return .closed }
      guard count > 0 else {
        if errno == EAGAIN { return .none }
        end("no command can be read: \(reason(errno))")
      }
      switch (WatchCommand(message.prefix(count)), descriptor) {
      case (.add(let id), 0...):
        let code = watches.add(id, directory: descriptor)
        close(descriptor)
        output.append(code == 0 ? .added(id: id) : .failed(id: id, code: UInt32(code)))
      case (.add(let id), _):
        // The descriptor was lost on its way, as where this process may open no more.
        output.append(.failed(id: id, code: UInt32(EMFILE)))
      case (.remove(let id), _): watches.remove(id)
      case (nil, _): end("a command of \(count) bytes cannot be understood")
      }
    }
    return .more
  }

  private static func backlogLimit(_ arguments: [String]) -> Int {
    switch arguments.count {
    case 1: return 32 << 20
    case 3:
      if arguments[1] == "--backlog", let bytes = Int(arguments[2]), bytes >= 0 { return bytes }
      fallthrough
    default: end("usage: fumikura-watch [--backlog BYTES]; the fumikura daemon starts it")
    }
  }
}

/// Says why on standard error, and ends.
func end(_ why: String) -> Never {
  let line = Array("fumikura-watch: \(why)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(EXIT_FAILURE)
}

func reason(_ code: CInt) -> String { String(cString: strerror(code)) }
