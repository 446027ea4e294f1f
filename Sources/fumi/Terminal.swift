import FumikuraProtocol
import Glibc

/// What standard output is, and how untrusted text is made fit for it.
///
/// File names and snippets come from whoever may write into a share. On a terminal, control characters in them could
/// move the cursor, change the window or hide text, so none is let through; elsewhere only those that would break a
/// line are replaced.
struct Terminal {
  /// Whether a person looks at standard output.
  let isInteractive: Bool
  private let hasColors: Bool

  static let standardOutput = Terminal()

  init(
    isInteractive: Bool = isatty(STDOUT_FILENO) == 1,
    environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) {
    self.isInteractive = isInteractive
    let isDumb = environment("TERM").map { $0 == "dumb" || $0.isEmpty } ?? true
    hasColors = isInteractive && !isDumb && (environment("NO_COLOR") ?? "").isEmpty
  }

  /// Columns of the window; 80 where that is not known.
  var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }

  enum Style: String { case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

  func styled(_ text: String, _ style: Style) -> String {
    hasColors && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// `text` on one line, without anything that acts on a terminal.
  func safe(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(safe(scalar)) }
    return String(result)
  }

  /// A replacement of the same count of scalars, so that highlights stay where they are.
  func safe(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029: " "
    case 0x00...0x1F, 0x7F, 0x80...0x9F: isInteractive ? "?" : scalar.value == 0 ? "?" : scalar
    // Marks that turn the direction of what follows, and what shows nothing at all.
    case 0x061C, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
      isInteractive ? "?" : scalar
    default: scalar
    }
  }

  /// Prints a value's text on one line. On a terminal, what would act on it is escaped, which changes no meaning: such
  /// characters stand only inside strings.
  func print(json: JSON) {
    guard isInteractive else { return print(json.text) }
    var text = ""
    for scalar in json.text.unicodeScalars {
      if safe(scalar) == scalar {
        text.unicodeScalars.append(scalar)
      } else {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    print(text)
  }

  func print(_ line: String) { Self.write(line + "\n", to: STDOUT_FILENO) }

  static func printError(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

  /// Writes all of `text`. A reader that has gone ends the program quietly, as `head` expects.
  static func write(_ text: String, to descriptor: CInt) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { bytes.removeFirst(count) } else if errno != EINTR && errno != EAGAIN { exit(2) }
    }
  }
}
