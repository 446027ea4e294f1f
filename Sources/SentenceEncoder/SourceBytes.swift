/// The bytes of one file of a model's source: mapped, within a mapped archive, or inflated; there for as long as this
/// object lives.
///
/// `@unchecked Sendable` because the memory is written in `init` alone.
final class SourceBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  /// What keeps `bytes` mapped; nil where they are memory of this object.
  private let owner: MappedFile?

  init(_ file: MappedFile) {
    bytes = file.bytes
    owner = file
  }

  /// A part of a mapped file.
  init(_ bytes: UnsafeRawBufferPointer, of file: MappedFile) {
    self.bytes = bytes
    owner = file
  }

  /// Takes over memory that was allocated.
  init(taking memory: UnsafeMutableRawBufferPointer) {
    bytes = UnsafeRawBufferPointer(memory)
    owner = nil
  }

  /// A copy of the bytes, safe to make of an object that nobody else holds.
  func copied() -> [UInt8] { withExtendedLifetime(self) { Array(bytes) } }

  deinit { if owner == nil { bytes.deallocate() } }
}
