import Glibc
import Synchronization

/// Turns bytes of some charset into a String, by the C library's iconv.
enum Transcoder {
  /// The charsets that detection may choose. Their converters are shared objects, loaded once, before confinement.
  static let known = [
    "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "CP932", "EUC-JP-MS", "ISO-2022-JP-3", "GB18030", "CP1252",
    "ISO-8859-1",
  ]

  private nonisolated(unsafe) static var converters: [String: iconv_t] = [:]
  // Proof for `nonisolated(unsafe)`: a worker process has one thread; tests come through `decode` alone, under `lock`.
  private static let lock = Mutex(())

  static func loadConverters() {
    lock.withLock { _ in
      for charset in known { _ = converter(for: charset) }
    }
  }

  /// What `bytes` say in `charset`, with U+FFFD for what it has no meaning for, and how often that was; nil where the
  /// charset is unknown.
  static func decode(_ bytes: some Sequence<UInt8>, as charset: String) -> (text: String, errors: Int)? {
    lock.withLock { _ in
      guard let converter = converter(for: charset) else { return nil }
      iconv(converter, nil, nil, nil, nil)
      var input = bytes.map { CChar(bitPattern: $0) }
      var output: [UInt8] = []
      output.reserveCapacity(input.count * 3 / 2)
      var errors = 0
      let width = charset.hasPrefix("UTF-16") ? 2 : charset.hasPrefix("UTF-32") ? 4 : 1
      var chunk = [CChar](repeating: 0, count: 1 << 16)
      input.withUnsafeMutableBufferPointer { input in
        var from = input.baseAddress
        var left = input.count
        while left > 0 {
          var result = 0
          var reason: CInt = 0
          let written = chunk.withUnsafeMutableBufferPointer { chunk in
            var to = chunk.baseAddress
            var space = chunk.count
            result = iconv(converter, &from, &left, &to, &space)
            reason = errno
            return chunk.count - space
          }
          output.append(contentsOf: chunk.prefix(written).lazy.map { UInt8(bitPattern: $0) })
          guard result == -1 else { break }
          if reason == E2BIG { continue }
          errors += 1
          output += [0xEF, 0xBF, 0xBD]
          guard reason == EILSEQ, left > width else { break }
          from = from.map { $0 + width }
          left -= width
        }
      }
      return (String(decoding: output, as: UTF8.self), errors)
    }
  }

  private static func converter(for charset: String) -> iconv_t? {
    if let known = converters[charset] { return known }
    guard let opened = iconv_open("UTF-8", charset), Int(bitPattern: opened) != -1 else { return nil }
    converters[charset] = opened
    return opened
  }
}
