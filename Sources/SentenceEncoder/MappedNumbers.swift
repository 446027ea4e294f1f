/// Numbers in a mapped file, or in memory of their own, that are never written.
///
/// `@unchecked Sendable` because the memory is only read, and lives as long as its owner.
struct MappedNumbers<Number: BitwiseCopyable & Sendable>: @unchecked Sendable {
  let count: Int
  private let start: UnsafePointer<Number>
  private let owner: AnyObject

  private final class Memory {
    let values: UnsafeMutableBufferPointer<Number>
    init(_ numbers: [Number]) {
      values = .allocate(capacity: max(1, numbers.count))
      _ = values.initialize(from: numbers)
    }
    deinit { values.deallocate() }
  }

  init(_ numbers: [Number]) {
    let memory = Memory(numbers)
    count = numbers.count
    start = UnsafePointer(memory.values.baseAddress!)
    owner = memory
  }

  /// The numbers in a part of a file that is mapped for as long as `owner` lives. `bytes` starts at a multiple of the
  /// number's alignment and is not empty.
  init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) {
    let numbers = bytes.assumingMemoryBound(to: Number.self)
    count = numbers.count
    start = numbers.baseAddress!
    self.owner = owner
  }

  @inline(__always)
  subscript(index: Int) -> Number {
    precondition(index >= 0 && index < count)
    return start[index]
  }

  /// As the subscript, of an index that is known to be within.
  @inline(__always)
  subscript(unchecked index: Int) -> Number {
    assert(index >= 0 && index < count)
    return start[index]
  }

  var array: [Number] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
