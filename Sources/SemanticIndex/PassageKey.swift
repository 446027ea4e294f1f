import LinuxSystem

/// Names a passage's source vector: the hash of (model, text). What has the same key is never encoded twice.
enum PassageKey {
  static func of(_ text: String, model: SHA256Digest) -> SHA256Digest {
    var text = text
    var hasher = SHA256Digest.Hasher()
    model.bytes.withUnsafeBytes { hasher.update($0) }
    text.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
    return hasher.finish()
  }
}
