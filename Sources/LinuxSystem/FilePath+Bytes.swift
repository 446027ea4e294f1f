package import SystemPackage

/// Paths on Linux are bytes without NUL, not text: nothing here decodes them but for people's eyes.
extension FilePath {
  /// A path of exactly these bytes. They must hold no NUL.
  package init(bytes: some Collection<UInt8>) {
    // A Data's bytes one by one take ten times as long.
    var terminated = bytes.withContiguousStorageIfAvailable { Array($0) } ?? Array(bytes)
    precondition(!terminated.contains(0), "a path cannot hold a NUL byte")
    terminated.append(0)
    self = terminated.withUnsafeBytes { FilePath(platformString: $0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
  }

  /// The path's bytes, without the closing NUL.
  package var bytes: [UInt8] {
    withPlatformString { pointer in
      var bytes: [UInt8] = []
      var next = pointer
      while next.pointee != 0 {
        bytes.append(UInt8(bitPattern: next.pointee))
        next += 1
      }
      return bytes
    }
  }

  /// The path as text where its bytes are UTF-8, else nil.
  package var validatedString: String? { String(validating: bytes, as: UTF8.self) }
}
