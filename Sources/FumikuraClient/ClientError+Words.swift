import Glibc

extension ClientError {
  /// The C library's words for an errno.
  static func words(for code: CInt) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    return strerror_r(code, &buffer, buffer.count) == 0
      ? String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "errno \(code)"
  }
}
