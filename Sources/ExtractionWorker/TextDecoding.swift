/// Finds out in what charset bytes are text, and reads them.
///
/// In this order: byte order marks; UTF-16 without one; ISO-2022-JP by its escapes; UTF-8 where all is valid; the
/// charset that the document declares; then the best of EUC-JP, CP932 (Shift_JIS), GB18030 and CP1252 by what the text
/// would be made of.
struct TextDecoding {
  let text: String
  let charset: String

  /// Bytes at the start that decide.
  private static let sampleSize = 1 << 16

  /// Nil where the bytes are not text.
  init?(_ bytes: [UInt8], declared: String? = nil) {
    for (mark, charset) in Self.marks where bytes.starts(with: mark) {
      let content = bytes.dropFirst(mark.count)
      if charset == "UTF-8" {
        self.init(text: String(decoding: content, as: UTF8.self), charset: charset)
      } else if let decoded = Transcoder.decode(content, as: charset) {
        self.init(text: decoded.text, charset: charset)
      } else {
        return nil
      }
      return
    }
    let sample = bytes.prefix(Self.sampleSize)
    if sample.contains(0) {
      guard let charset = Self.unmarkedUTF16(sample), let decoded = Transcoder.decode(bytes, as: charset) else {
        return nil
      }
      self.init(text: decoded.text, charset: charset)
      return
    }
    let controls = sample.count { $0 < 0x20 && !($0 >= 0x08 && $0 <= 0x0D) && $0 != 0x1B || $0 == 0x7F }
    if controls * 20 > sample.count { return nil }
    if !sample.contains(where: { $0 >= 0x80 }), Self.hasJapaneseEscape(sample),
      let decoded = Transcoder.decode(bytes, as: "ISO-2022-JP-3"), decoded.errors == 0
    {
      self.init(text: decoded.text, charset: "ISO-2022-JP")
      return
    }
    // A file that was cut may end inside a letter.
    if let text = String(validating: bytes, as: UTF8.self) ?? Self.validBeforeTail(bytes) {
      self.init(text: text, charset: "UTF-8")
      return
    }
    if let declared, let charset = Self.iconvName(of: declared), let decoded = Transcoder.decode(bytes, as: charset),
      decoded.errors * 100 <= bytes.count
    {
      self.init(text: decoded.text, charset: charset)
      return
    }
    if Self.isMostlyUTF8(sample) {
      self.init(text: String(decoding: bytes, as: UTF8.self), charset: "UTF-8")
      return
    }
    guard let charset = Self.likeliest(sample), let decoded = Transcoder.decode(bytes, as: charset) else { return nil }
    self.init(text: decoded.text, charset: charset)
  }

  private init(text: String, charset: String) {
    self.text = text
    self.charset = charset
  }

  private static let marks: [([UInt8], String)] = [
    ([0xEF, 0xBB, 0xBF], "UTF-8"), ([0xFF, 0xFE, 0, 0], "UTF-32LE"), ([0, 0, 0xFE, 0xFF], "UTF-32BE"),
    ([0xFF, 0xFE], "UTF-16LE"), ([0xFE, 0xFF], "UTF-16BE"),
  ]

  /// The byte order in which a sample with zero bytes is good UTF-16, if any.
  private static func unmarkedUTF16(_ sample: ArraySlice<UInt8>) -> String? {
    let even = sample.prefix(sample.count & ~1)
    // The zero bytes of UTF-16 stand on one side of their letters, but for those of U+xx00 such as 一.
    var zeros = [0, 0]
    for (index, byte) in even.enumerated() where byte == 0 { zeros[index & 1] += 1 }
    var best: (charset: String, score: Double)?
    for (charset, high) in [("UTF-16LE", 1), ("UTF-16BE", 0)] where zeros[high] > 2 * zeros[1 - high] {
      guard let decoded = Transcoder.decode(even, as: charset), decoded.errors * 100 <= even.count else { continue }
      var good = 0
      var all = 0
      for scalar in decoded.text.unicodeScalars {
        all += 1
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0xA0...0x24F, 0x2010...0x2030, 0x3000...0x30FF, 0x4E00...0x9FFF,
          0xFF00...0xFF9F:
          good += 1
        default: break
        }
      }
      let score = all == 0 ? 0 : Double(good) / Double(all)
      if score > 0.9, score > best?.score ?? 0 { best = (charset, score) }
    }
    return best?.charset
  }

  private static func hasJapaneseEscape(_ sample: ArraySlice<UInt8>) -> Bool {
    var index = sample.startIndex
    while let escape = sample[index...].firstIndex(of: 0x1B), escape + 2 < sample.endIndex {
      if sample[escape + 1] == 0x24 && (sample[escape + 2] == 0x42 || sample[escape + 2] == 0x40) { return true }
      index = escape + 1
    }
    return false
  }

  private static func validBeforeTail(_ bytes: [UInt8]) -> String? {
    for cut in 1...3 where bytes.count > cut && bytes[bytes.count - cut] >= 0xC0 {
      return String(validating: bytes.dropLast(cut), as: UTF8.self)
    }
    return nil
  }

  /// Whether far more letters of several bytes are whole than broken.
  private static func isMostlyUTF8(_ sample: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: sample, as: UTF8.self)
    var whole = 0
    var broken = 0
    for scalar in text.unicodeScalars where scalar.value >= 0x80 {
      if scalar.value == 0xFFFD { broken += 1 } else { whole += 1 }
    }
    return whole > 4 * broken
  }

  /// The charset whose reading of the sample looks most like writing; nil where none does.
  private static func likeliest(_ sample: ArraySlice<UInt8>) -> String? {
    var best: (charset: String, score: Double)?
    // On a tie the first one wins.
    for charset in ["CP1252", "EUC-JP-MS", "CP932", "GB18030"] {
      guard let decoded = Transcoder.decode(sample, as: charset) else { continue }
      let score = likelihood(decoded.text, latin: charset == "CP1252")
      if score > best?.score ?? -0.8 { best = (charset, score) }
    }
    return best?.charset
  }

  /// From about -5 to 2: the mean worth of the letters that are not ASCII.
  private static func likelihood(_ text: String, latin: Bool) -> Double {
    var sum = 0.0
    var count = 0
    var before: UInt32 = 0
    var pendingLatin = false
    for scalar in text.unicodeScalars {
      let value = scalar.value
      let letter = value | 0x20 >= 0x61 && value | 0x20 <= 0x7A
      if pendingLatin {
        sum += letter ? 1 : -1
        pendingLatin = false
      }
      if value >= 0x80 {
        count += 1
        switch value {
        case 0xFFFD, 0xE000...0xF8FF, 0x80...0x9F: sum -= 5
        case 0xC0...0xFF where latin:
          // Accented letters stand beside plain ones.
          if before | 0x20 >= 0x61 && before | 0x20 <= 0x7A { sum += 1 } else { pendingLatin = true }
        case 0x2013, 0x2014, 0x2018...0x201E, 0x2022, 0x2026, 0x20AC, 0xA0, 0xA3, 0xA7, 0xA9, 0xAB, 0xAE, 0xB0, 0xBB:
          sum += latin ? 0.5 : -0.5
        case 0x7684, 0x662F, 0x4E0D, 0x4E86, 0x5728, 0x6709, 0x8FD9, 0x4E2A, 0x4EEC, 0x6211: sum += 3
        case 0x3000...0x30FF: sum += 2
        case 0x4E00...0x9FFF, 0xFF01...0xFF5E: sum += 1
        default: sum -= 1
        }
      }
      before = value
    }
    if pendingLatin { sum -= 1 }
    return count == 0 ? 0 : sum / Double(count)
  }

  /// What iconv calls a charset that a document names; nil for names that are not plausible ones.
  private static func iconvName(of declared: String) -> String? {
    let name = declared.uppercased()
    guard name.utf8.count <= 32, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }) else { return nil }
    switch name {
    case "SHIFT_JIS", "SHIFT-JIS", "SJIS", "X-SJIS", "MS932", "WINDOWS-31J", "MS_KANJI", "CSSHIFTJIS": return "CP932"
    case "EUC-JP", "EUCJP", "X-EUC-JP": return "EUC-JP-MS"
    case "ISO-8859-1", "LATIN1", "LATIN-1", "US-ASCII", "ASCII": return "CP1252"
    case "GB2312", "GBK", "X-GBK", "GB18030": return "GB18030"
    case "ISO-2022-JP", "CSISO2022JP": return "ISO-2022-JP-3"
    case "UTF-8", "UTF8", "UTF-16", "UTF-16LE", "UTF-16BE", "UNICODE": return nil
    default: return name
    }
  }
}
