import FumikuraProtocol

/// Prints hits: for people on a terminal, else one line a hit — score, path, page and snippet between tabs.
struct HitPrinter {
  private let terminal: Terminal

  init(_ terminal: Terminal) { self.terminal = terminal }

  /// Throws the exit status "nothing" where there is no hit.
  func print(_ reply: SearchReply, isQuiet: Bool) throws {
    if !isQuiet {
      for line in lines(of: reply) { terminal.print(line) }
      if reply.isPartial {
        Complaint("the answer is partial: a share is offline or the wait was too short").print()
      }
    }
    if reply.hits.isEmpty { throw Outcome.nothing }
  }

  func lines(of reply: SearchReply) -> [String] {
    guard terminal.isInteractive else {
      return reply.hits.map { hit in
        [
          Self.decimals(hit.score, 4), terminal.safe(hit.path.description), hit.page.map(String.init) ?? "-",
          terminal.safe(hit.snippet.text),
        ].joined(separator: "\t")
      }
    }
    let hits = reply.hits.enumerated().flatMap { people($0 + 1, $1) }
    let count = reply.hits.count == 1 ? "1 hit" : "\(reply.hits.count) hits"
    let pending = reply.pending.flatMap { $0 > 0 ? "; \($0) files are not yet indexed" : nil } ?? ""
    return hits + [terminal.styled("\(count) in \(Self.decimals(reply.took.total, 1)) ms\(pending)", .dim)]
  }

  private func people(_ number: Int, _ hit: Hit) -> [String] {
    var about = [Self.decimals(hit.score, 3), terminal.safe(hit.type)]
    if let page = hit.page { about.append("page \(page)") }
    if let heading = hit.heading { about.append(terminal.safe(heading)) }
    let stale = hit.isStale ? terminal.styled("  changed since", .yellow) : ""
    let path = terminal.styled(terminal.safe(hit.path.description), .bold)
    return [
      "\(number). \(path)  \(terminal.styled(about.joined(separator: " · "), .dim))\(stale)",
      "   \(highlighted(hit.snippet))", "",
    ]
  }

  /// The snippet with its highlights made to stand out.
  func highlighted(_ snippet: Snippet) -> String {
    let scalars = snippet.text.unicodeScalars.map(terminal.safe)
    var result = ""
    var position = 0
    let text = { (range: Range<Int>) in
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars[range])
      return String(view)
    }
    for highlight in snippet.highlights.sorted(by: { $0.start < $1.start }) {
      // Offsets come over the wire: whatever they are, only scalars that exist are printed, each once.
      let start = min(max(highlight.start, position), scalars.count)
      let end = min(max(start, start &+ max(0, min(highlight.length, scalars.count))), scalars.count)
      result += text(position..<start) + terminal.styled(text(start..<end), .yellow)
      position = end
    }
    return result + text(position..<scalars.count)
  }

  /// `number` with exactly `places` decimals.
  static func decimals(_ number: Double, _ places: Int) -> String {
    guard number.isFinite, abs(number) < 1e12 else { return "-" }
    let scale = (0..<places).reduce(1) { product, _ in product * 10 }
    let whole = Int((abs(number) * Double(scale)).rounded())
    let fraction = String(whole % scale + scale).dropFirst()
    return "\(number < 0 && whole > 0 ? "-" : "")\(whole / scale)\(places > 0 ? "." : "")\(places > 0 ? fraction : "")"
  }
}
