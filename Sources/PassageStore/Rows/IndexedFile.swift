package import LinuxSystem
package import SystemPackage

/// All that is known of a file whose text was read, cut and encoded.
package struct IndexedFile: Sendable {
  package var share: Int64
  /// Relative to the share's root.
  package var path: FilePath
  package var attributes: FileAttributes
  package var contentHash: SHA256Digest
  /// Nanoseconds since 1970.
  package var readAt: Int64
  package var type: String
  package var title: String?
  package var stale: Bool
  package var partial: String?
  /// The model that encoded the passages.
  package var model: SHA256Digest
  /// In the order of the document.
  package var passages: [NewPassage]
  /// Of the passages whose key the store did not know.
  package var vectors: [NewVector]
  /// Codes of `vectors`, where a projector is in force.
  package var codes: NewCodes?

  package init(
    share: Int64, path: FilePath, attributes: FileAttributes, contentHash: SHA256Digest, readAt: Int64, type: String,
    title: String? = nil, stale: Bool = false, partial: String? = nil, model: SHA256Digest, passages: [NewPassage],
    vectors: [NewVector], codes: NewCodes? = nil
  ) {
    self.share = share
    self.path = path
    self.attributes = attributes
    self.contentHash = contentHash
    self.readAt = readAt
    self.type = type
    self.title = title
    self.stale = stale
    self.partial = partial
    self.model = model
    self.passages = passages
    self.vectors = vectors
    self.codes = codes
  }
}

/// A passage as it was cut.
package struct NewPassage: Sendable, Hashable {
  /// Position in the document, from 0.
  package let ordinal: Int
  package let text: String
  package let heading: String?
  /// From 1, where the format has pages.
  package let page: Int?
  /// In Unicode scalars of the document's joined text.
  package let start: Int
  package let length: Int
  /// The hash of (model hash, text): names the source vector.
  package let key: SHA256Digest

  package init(
    ordinal: Int, text: String, heading: String? = nil, page: Int? = nil, start: Int, length: Int, key: SHA256Digest
  ) {
    self.ordinal = ordinal
    self.text = text
    self.heading = heading
    self.page = page
    self.start = start
    self.length = length
    self.key = key
  }
}

/// A source vector as it was encoded: component i is `values[i] × scale`.
package struct NewVector: Sendable, Hashable {
  package let key: SHA256Digest
  package let values: [Int8]
  package let scale: Float

  package init(key: SHA256Digest, values: [Int8], scale: Float) {
    self.key = key
    self.values = values
    self.scale = scale
  }
}

/// Codes that one projector made of new vectors.
package struct NewCodes: Sendable, Hashable {
  package let projector: Int64
  package let bytes: [SHA256Digest: [UInt8]]

  package init(projector: Int64, bytes: [SHA256Digest: [UInt8]]) {
    self.projector = projector
    self.bytes = bytes
  }
}
