package import LinuxSystem

/// A source vector of the store: component i is `values[i] × scale`.
package struct StoredVector: Sendable, Hashable {
  /// Never used again for another vector.
  package let id: Int64
  package let key: SHA256Digest
  package let values: [Int8]
  package let scale: Float

  package init(id: Int64, key: SHA256Digest, values: [Int8], scale: Float) {
    self.id = id
    self.key = key
    self.values = values
    self.scale = scale
  }
}
