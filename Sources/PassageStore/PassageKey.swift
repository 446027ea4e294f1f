import Foundation
import GRDB
package import LinuxSystem

/// Names a passage's source vector: the hash of (model, text). What has the same key is never encoded twice.
package enum PassageKey {
  package static func of(_ text: String, model: SHA256Digest) -> SHA256Digest {
    var text = text
    var hasher = SHA256Digest.Hasher()
    model.bytes.withUnsafeBytes { hasher.update($0) }
    text.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
    return hasher.finish()
  }

  /// `passage_key(model hash, text)` in SQL, so that a share's vectors of another model are found by its texts.
  static let function = DatabaseFunction("passage_key", argumentCount: 2, pure: true) { values in
    guard let model = Data.fromDatabaseValue(values[0]).flatMap({ SHA256Digest(bytes: $0) }),
      let text = String.fromDatabaseValue(values[1])
    else { return nil }
    return of(text, model: model).blob
  }
}
