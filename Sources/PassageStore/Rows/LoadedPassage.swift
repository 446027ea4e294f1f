package import LinuxSystem
package import SystemPackage

/// A passage as the scan needs it. Its bytes are lent: they are valid only while the body that got it runs.
package struct LoadedPassage {
  package let passageID: Int64
  package let fileID: Int64
  package let vectorID: Int64
  /// The code of the projector asked for, else the int8 components of the source vector.
  package let bytes: UnsafeRawBufferPointer
  /// Of the source vector; 1 beside a code.
  package let scale: Float
}

/// A file as the scan needs it.
package struct LoadedFile: Sendable, Hashable {
  package let id: Int64
  package let share: Int64
  /// Relative to the share's root.
  package let path: FilePath
  package let attributes: FileAttributes
  package let state: FileState
}

/// A passage that matches a keyword query.
package struct KeywordMatch: Sendable, Hashable {
  package let passageID: Int64
  /// Higher is better; comparable within one query only.
  package let bm25: Double

  package init(passageID: Int64, bm25: Double) {
    self.passageID = passageID
    self.bm25 = bm25
  }
}
