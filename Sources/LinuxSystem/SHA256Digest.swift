import COpenSSL
import Glibc

/// The SHA-256 of some bytes (FIPS 180-4), by OpenSSL, which uses the processor's own instructions for it.
package struct SHA256Digest: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 32 bytes.
  package let bytes: [UInt8]

  /// A digest read back from storage; nil where `bytes` are not 32.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    self.bytes = Array(bytes)
  }

  /// The digest of all of `data`.
  package init(of data: some Sequence<UInt8>) {
    var hasher = Hasher()
    if data.withContiguousStorageIfAvailable({ hasher.update(UnsafeRawBufferPointer($0)) }) == nil {
      Array(data).withUnsafeBytes { hasher.update($0) }
    }
    self = hasher.finish()
  }

  private init(finished bytes: [UInt8]) { self.bytes = bytes }

  /// Lower-case hexadecimal, 64 characters.
  package var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Takes bytes piece by piece.
  package struct Hasher: ~Copyable {
    private let context: OpaquePointer

    package init() {
      context = EVP_MD_CTX_new()!
      precondition(EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "OpenSSL has no SHA-256")
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
      EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    package consuming func finish() -> SHA256Digest {
      var result = [UInt8](repeating: 0, count: 32)
      EVP_DigestFinal_ex(context, &result, nil)
      return SHA256Digest(finished: result)
    }
  }
}
