import CLinux
import CXML2
import Glibc
import LinuxSystem
import TextExtraction

/// What a worker gives up before it sees its first file.
enum Confinement {
  /// The user and group "nobody", which owns nothing.
  private static let nobody: UInt32 = 65534

  /// - Parameter memory: bytes of address space beyond those in use now.
  static func apply(memory: Int) throws(LinuxError) {
    // Refused only by containers that forbid it: then the work runs at normal priority, which is correct.
    _ = fumikura_thread_background(10, true)
    preferToBeKilled()
    Transcoder.loadConverters()
    xmlInitParser()
    if geteuid() == 0 {
      try check(setgroups(0, nil), "setgroups", "none")
      // As root these set the saved ids too: there is no way back.
      try check(setgid(nobody), "setgid", "\(nobody)")
      try check(setuid(nobody), "setuid", "\(nobody)")
    }
    try check(fumikura_exit_on_exhaustion(ExtractionMessage.memoryExitStatus, 1 << 20), "sigaction", "crashes")
    try limit(RLIMIT_CORE, to: 0)
    try limit(RLIMIT_FSIZE, to: 0)
    // The three standard ones, the file, and what libraries open of fonts and character maps.
    try limit(RLIMIT_NOFILE, to: 32)
    try limit(RLIMIT_AS, to: addressSpace() + memory)
    try check(fumikura_drop_privileges(), "capset", "none")
    // After the change of user, which clears it.
    try check(fumikura_die_with_parent(SIGKILL), "prctl", "PR_SET_PDEATHSIG")
    // Landlock and seccomp belong here, once all that is loaded from disk has been.
    try check(dup2(1, 2), "dup2", "standard error")
  }

  private static func check(_ result: CInt, _ call: String, _ subject: String) throws(LinuxError) {
    if result < 0 { throw LinuxError(call: call, subject: subject) }
  }

  private static func limit(_ resource: __rlimit_resource, to value: Int) throws(LinuxError) {
    var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
    try check(
      setrlimit(__rlimit_resource_t(resource.rawValue), &limit), "setrlimit", "resource \(resource.rawValue), \(value)")
  }

  /// Bytes of address space in use.
  private static func addressSpace() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 1 << 30 }
    defer { fclose(file) }
    var pages = 0
    while case let digit = getc(file) - 0x30, (0...9).contains(digit) { pages = pages * 10 + Int(digit) }
    return pages * sysconf(CInt(_SC_PAGESIZE))
  }

  /// Under memory pressure the kernel ends a worker before the daemon.
  private static func preferToBeKilled() {
    guard let file = fopen("/proc/self/oom_score_adj", "w") else { return }
    fputs("900", file)
    fclose(file)
  }
}
