import Glibc

/// Codes of one format in memory, one contiguous row after another, and beside each the factor that its score is
/// multiplied with: the inverse of its norm.
///
/// A row is a number that the caller gives a meaning. Rows are appended, overwritten and taken out by moving the last one
/// into the gap; nothing else changes a row's number. Memory grows by half, on 64-byte boundaries: bytesPerCode + 4 a row.
///
/// Safe from any number of threads: scans share a lock that changes hold alone. (What a row *means* may have changed
/// between a scan and the next call; the caller who maps rows to passages holds a lock of its own over both.)
///
/// `@unchecked Sendable`: every access to the mutable state below is inside `reading` or `writing`, which hold the lock.
package final class CodeBlock: @unchecked Sendable {
  package let format: CodeFormat
  private let lock: UnsafeMutablePointer<pthread_rwlock_t>
  private var storage: Storage

  /// Owns nothing by itself: the block frees it.
  private struct Storage {
    var codes: UnsafeMutablePointer<UInt8>
    var factors: UnsafeMutablePointer<Float>
    var count = 0
    var capacity: Int
  }

  package init(format: CodeFormat, capacity: Int = 0) {
    self.format = format
    lock = .allocate(capacity: 1)
    lock.initialize(to: pthread_rwlock_t())
    precondition(pthread_rwlock_init(lock, nil) == 0, "no lock could be made")
    storage = Self.allocate(format, capacity: max(16, capacity))
  }

  deinit {
    free(storage.codes)
    free(storage.factors)
    pthread_rwlock_destroy(lock)
    lock.deallocate()
  }

  package var count: Int { reading { $0.count } }

  /// What the block holds, in bytes of memory.
  package var byteCount: Int { reading { $0.capacity * (format.bytesPerCode + 4) } }

  /// Adds codes, one after another; returns the row of the first.
  @discardableResult
  package func append(_ codes: [UInt8]) -> Int {
    let width = format.bytesPerCode
    precondition(codes.count % width == 0, "\(codes.count) bytes are no whole codes of \(width)")
    return writing { storage in
      let first = storage.count
      let added = codes.count / width
      if first + added > storage.capacity {
        grow(&storage, to: max(first + added, storage.capacity + storage.capacity / 2))
      }
      storage.count += added
      for i in 0..<added { set(first + i, in: &storage, to: codes[i * width..<(i + 1) * width]) }
      return first
    }
  }

  /// Puts another code at a row.
  package func overwrite(row: Int, with code: [UInt8]) {
    precondition(code.count == format.bytesPerCode)
    writing { storage in
      precondition(row < storage.count, "row \(row) of \(storage.count)")
      set(row, in: &storage, to: code[...])
    }
  }

  /// Takes a row out; the last row takes its number.
  package func swapRemove(row: Int) {
    writing { storage in
      precondition(row < storage.count, "row \(row) of \(storage.count)")
      storage.count -= 1
      let width = format.bytesPerCode
      guard row < storage.count else { return }
      (storage.codes + row * width).update(from: storage.codes + storage.count * width, count: width)
      storage.factors[row] = storage.factors[storage.count]
    }
  }

  package func removeAll() { writing { $0.count = 0 } }

  /// The code of a row.
  package func code(at row: Int) -> [UInt8] {
    reading { storage in
      precondition(row < storage.count, "row \(row) of \(storage.count)")
      return Array(UnsafeBufferPointer(start: storage.codes + row * format.bytesPerCode, count: format.bytesPerCode))
    }
  }

  /// The codes of all rows and their factors, for as long as `body` runs. No change can come meanwhile.
  func reading<Result>(
    _ body: (_ codes: UnsafePointer<UInt8>, _ factors: UnsafePointer<Float>, _ count: Int) throws -> Result
  ) rethrows -> Result {
    try reading { try body($0.codes, $0.factors, $0.count) }
  }

  private func set(_ row: Int, in storage: inout Storage, to code: ArraySlice<UInt8>) {
    code.withUnsafeBufferPointer { code in
      (storage.codes + row * code.count).update(from: code.baseAddress!, count: code.count)
      storage.factors[row] = format.inverseNorm(of: code)
    }
  }

  private func grow(_ storage: inout Storage, to capacity: Int) {
    var larger = Self.allocate(format, capacity: capacity)
    larger.count = storage.count
    larger.codes.update(from: storage.codes, count: storage.count * format.bytesPerCode)
    larger.factors.update(from: storage.factors, count: storage.count)
    free(storage.codes)
    free(storage.factors)
    storage = larger
  }

  private static func allocate(_ format: CodeFormat, capacity: Int) -> Storage {
    func aligned(_ bytes: Int) -> UnsafeMutableRawPointer {
      var pointer: UnsafeMutableRawPointer?
      precondition(posix_memalign(&pointer, 64, bytes) == 0, "no memory for \(bytes) bytes of codes")
      return pointer!
    }
    // The kernels read whole groups of 16 rows, and 64 bytes more.
    let groups = (capacity + 15) / 16 * 16
    return Storage(
      codes: aligned(groups * format.bytesPerCode + 64).assumingMemoryBound(to: UInt8.self),
      factors: aligned(groups * 4).assumingMemoryBound(to: Float.self), capacity: groups)
  }

  private func reading<Result>(_ body: (Storage) throws -> Result) rethrows -> Result {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    return try body(storage)
  }

  private func writing<Result>(_ body: (inout Storage) throws -> Result) rethrows -> Result {
    pthread_rwlock_wrlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    return try body(&storage)
  }
}
