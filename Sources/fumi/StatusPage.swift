import FumikuraProtocol

/// What `fumi status` shows.
struct StatusPage {
  private let terminal: Terminal

  init(_ terminal: Terminal) { self.terminal = terminal }

  /// Whether all that is known is indexed.
  static func isReady(_ reply: IndexStatusReply) -> Bool {
    reply.shares.allSatisfy { $0.state == .ready || $0.state == .offline } && (reply.pending ?? 0) == 0
  }

  func lines(of reply: IndexStatusReply) -> [String] {
    guard terminal.isInteractive else { return reply.shares.map(plain) }
    return reply.shares.flatMap(people) + daemon(reply)
  }

  private func plain(_ share: ShareStatus) -> String {
    let counts = share.files.map { [$0.indexed, $0.waiting, $0.failed, $0.skipped, $0.quarantined].map(String.init) }
    let fields =
      [share.name, share.state.rawValue] + (counts ?? Array(repeating: "-", count: 5))
      + [share.passages.map(String.init) ?? "-", share.path.description]
    return fields.map(terminal.safe).joined(separator: "\t")
  }

  private func people(_ share: ShareStatus) -> [String] {
    let style: Terminal.Style =
      switch share.state {
      case .ready: .green
      case .scanning, .indexing: .cyan
      case .offline: .red
      }
    let name = terminal.styled(terminal.safe(share.name), .bold)
    var lines = [
      "\(name)  \(terminal.styled(share.state.rawValue, style))  \(terminal.styled(terminal.safe(share.path.description), .dim))"
    ]
    if let files = share.files {
      let others = [
        ("waiting", files.waiting), ("failed", files.failed), ("skipped", files.skipped),
        ("quarantined", files.quarantined),
      ]
      let counts = ["\(files.indexed) indexed"] + others.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
      lines.append("  " + counts.joined(separator: ", ") + (share.passages.map { "; \($0) passages" } ?? ""))
      if files.waiting > 0 {
        let done = files.indexed + files.failed + files.skipped + files.quarantined
        let fraction = Double(done) / Double(max(1, done + files.waiting))
        lines.append("  " + ProgressBar(terminal).line(fraction, label: "indexing"))
      }
    }
    if let reencoding = share.reencoding {
      let fraction = Double(reencoding.done) / Double(max(1, reencoding.total))
      let counts = "\(reencoding.done) of \(reencoding.total) passages"
      lines.append(
        "  " + ProgressBar(terminal).line(fraction, label: "to model \(reencoding.model): \(counts)"))
    }
    if !share.isWatching && !share.isOffline {
      lines.append("  " + terminal.styled("not watched: found by crawls", .yellow))
    }
    if let reason = share.reason { lines.append("  " + terminal.styled(terminal.safe(reason), .yellow)) }
    return lines
  }

  private func daemon(_ reply: IndexStatusReply) -> [String] {
    var lines: [String] = []
    if let training = reply.training {
      let label = "training projector \(training.version): \(training.phase)"
      lines.append(ProgressBar(terminal).line(training.progress, label: label))
    }
    var facts: [String] = []
    if let projector = reply.projector {
      facts.append("projector \(projector.version) (\(projector.kind), \(projector.dimensions)×\(projector.bits))")
    }
    if let model = reply.model { facts.append("model \(model)") }
    if let encoder = reply.encoder {
      facts.append("\(encoder.passagesEncoded) passages encoded, \(encoder.passagesReused) reused")
    }
    if let bytes = reply.memoryBytes { facts.append("\(bytes >> 20) MiB") }
    if !facts.isEmpty { lines.append(terminal.styled(terminal.safe(facts.joined(separator: " · ")), .dim)) }
    return lines
  }
}
