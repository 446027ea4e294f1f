import ArgumentParser
import FumikuraClient
import FumikuraProtocol
import Glibc

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the installation and say what to do.",
    discussion:
      "One line a check: ok, warning or failure, what was looked at, what was found. Exit status 2 on a failure.")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let findings = examine()
    let terminal = Terminal.standardOutput
    if connection.json {
      terminal.print(json: ["checks": .array(findings.map(\.json))])
    } else {
      for finding in findings {
        let style: Terminal.Style =
          switch finding.verdict {
          case .ok: .green
          case .warning: .yellow
          case .failure: .red
          }
        let verdict = terminal.styled(finding.verdict.rawValue, style)
        terminal.print("\(verdict)\t\(finding.name)\t\(terminal.safe(finding.message))")
        if let hint = finding.hint { terminal.print("\t\t→ \(terminal.safe(hint))") }
      }
    }
    if findings.contains(where: { $0.verdict == .failure }) { throw Outcome.failure }
  }

  private func examine() -> [Finding] {
    let client: Client
    do throws(ClientError) {
      client = try Client(socket: connection.path, patience: .seconds(10))
    } catch {
      return [Finding(.failure, "socket", error.description, hint: error.hint)] + [Self.watchLimit()]
    }
    var findings = [Finding(.ok, "socket", "connected to \(connection.path)")]
    do throws(ClientError) {
      findings += health(try client.call(.health, HealthParameters()))
      findings += protocolVersion(try client.call(.discover, DiscoverParameters()))
      findings += shares(try client.call(.indexStatus, IndexStatusParameters()))
      findings.append(try search(client))
    } catch {
      findings.append(Finding(.failure, "daemon", error.description, hint: error.hint))
    }
    return findings + [Self.watchLimit()]
  }

  private func health(_ reply: HealthReply) -> [Finding] {
    var findings = [
      Finding(.ok, "daemon", "version \(reply.version), up for \(HitPrinter.decimals(reply.uptimeSeconds, 0)) s")
    ]
    findings.append(
      reply.isReady
        ? Finding(.ok, "ready", "searches are answered")
        : Finding(.warning, "ready", "searches are not answered yet", hint: "it is still starting: try again soon"))
    findings.append(
      reply.model.map { Finding(.ok, "model", $0) }
        ?? Finding(.failure, "model", "no model is loaded", hint: "import one: fumi model import"))
    findings += reply.encoders.map { Finding(.ok, "encoder", "\($0.model), \($0.path) path: \($0.reason)") }
    findings.append(
      Finding(
        .ok, "projector",
        reply.projector.map { "version \($0.version), \($0.kind), \($0.dimensions)×\($0.bits)" }
          ?? "none yet: source vectors are compared"))
    return findings + reply.warnings.map { Finding(.warning, $0.kind, $0.message, hint: $0.hint) }
  }

  private func protocolVersion(_ reply: DiscoverReply) -> [Finding] {
    guard reply.version != API.version else { return [Finding(.ok, "protocol", "version \(reply.version)")] }
    return [
      Finding(
        .warning, "protocol", "the daemon speaks version \(reply.version), fumi speaks \(API.version)",
        hint: "update both, and restart the daemon")
    ]
  }

  private func shares(_ reply: IndexStatusReply) -> [Finding] {
    guard !reply.shares.isEmpty else {
      return [Finding(.warning, "shares", "none is configured", hint: "add a [[share]] to /etc/fumikura/fumikura.toml")]
    }
    return reply.shares.map { share in
      let name = "share \(share.name)"
      if share.isOffline {
        return Finding(.warning, name, share.reason ?? "its root is gone", hint: "mount \(share.path) again")
      }
      guard share.isWatching || share.state == .scanning else {
        return Finding(.warning, name, share.reason ?? "changes are found by crawls alone")
      }
      return Finding(.ok, name, share.state.rawValue + (share.passages.map { ", \($0) passages" } ?? ""))
    }
  }

  private func search(_ client: Client) throws(ClientError) -> Finding {
    let start = ContinuousClock.now
    let reply = try client.call(.search, SearchParameters(query: "fumikura", limit: 1))
    let took = (ContinuousClock.now - start) / .milliseconds(1)
    let inside = HitPrinter.decimals(reply.took.total, 1)
    return Finding(.ok, "search", "answered in \(HitPrinter.decimals(took, 1)) ms, \(inside) of them in the daemon")
  }

  /// What inotify may watch, as far as any user can see it.
  private static func watchLimit() -> Finding {
    guard let file = fopen("/proc/sys/fs/inotify/max_user_watches", "r") else {
      return Finding(.warning, "inotify", "this kernel has no inotify", hint: "shares are found by crawls alone")
    }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 32)
    let count = fread(&buffer, 1, buffer.count - 1, file)
    let digits = buffer.prefix(count).map { UInt8(bitPattern: $0) }.prefix { (0x30...0x39).contains($0) }
    let watches = Int(String(decoding: digits, as: UTF8.self)) ?? 0
    guard watches < 65_536 else { return Finding(.ok, "inotify", "\(watches) directories can be watched by one user") }
    return Finding(
      .warning, "inotify", "only \(watches) directories can be watched by one user",
      hint: "sysctl fs.inotify.max_user_watches=524288, and the same in /etc/sysctl.d/fumikura.conf")
  }
}
