import Glibc

/// Codes of one format in memory, in the layout that scans are fastest in, and beside each the factor that its score is
/// multiplied with: the inverse of its norm (codes of one bit have one norm, which is kept once).
///
/// A row is a number that the caller gives a meaning. Rows are appended, overwritten and taken out by moving the last one
/// into the gap; nothing else changes a row's number. Memory grows by half: bytesPerCode + 4 a row, where one bit
/// bytesPerCode. What is not filled is not touched; a large block asks for huge pages, with which a scan of 64 MB takes
/// four fifths of the time.
///
/// Safe from any number of threads: scans share a lock that changes hold alone. (What a row *means* may have changed
/// between a scan and the next call; the caller who maps rows to passages holds a lock of its own over both.)
///
/// `@unchecked Sendable`: every access to the mutable state below is inside `sharing` or `writing`, which hold the lock.
package final class CodeBlock: @unchecked Sendable {
  package let format: CodeFormat
  private let lock: UnsafeMutablePointer<pthread_rwlock_t>
  private var storage: Storage

  /// By a byte's value: the sum of the squares of twice what its values stand for.
  private let squares: [Int32]
  /// What the unused values of the last byte add to it.
  private let unusedSquares: Int

  /// Owns nothing by itself: the block frees it.
  private struct Storage {
    var codes: UnsafeMutablePointer<UInt8>
    /// Nil where all codes have one norm.
    var factors: UnsafeMutablePointer<Float>?
    var count = 0
    var capacity: Int
    /// No row has had a larger one.
    var largestFactor: Float = 0
  }

  /// What scans read; good as long as no change can come.
  struct Contents {
    let codes: UnsafePointer<UInt8>
    let factors: UnsafePointer<Float>?
    let largestFactor: Float
    let count: Int
  }

  package init(format: CodeFormat, capacity: Int = 0) {
    self.format = format
    lock = .allocate(capacity: 1)
    lock.initialize(to: pthread_rwlock_t())
    precondition(pthread_rwlock_init(lock, nil) == 0, "no lock could be made")
    let whole = CodeFormat.whole(bytes: 1, like: format)
    squares = (0...255).map { byte in
      withUnsafePointer(to: UInt8(byte)) { Int32(whole.doubledSquares(of: UnsafeBufferPointer(start: $0, count: 1))) }
    }
    let unused = format.bytesPerCode * format.valuesPerByte - format.dimensions
    unusedSquares = unused * format.doubledOffset * format.doubledOffset
    storage = Self.allocate(format, capacity: capacity)
  }

  deinit {
    Self.release(storage)
    pthread_rwlock_destroy(lock)
    lock.deallocate()
  }

  package var count: Int { sharing { $0.count } }

  /// What the block may come to hold without growing, in bytes of memory.
  package var byteCount: Int { sharing { $0.capacity * (format.bytesPerCode + (format.hasOneNorm ? 0 : 4)) } }

  /// Makes room for so many rows in all, where that many are known to come.
  package func reserve(_ rows: Int) {
    writing { storage in if rows > storage.capacity { grow(&storage, to: rows) } }
  }

  /// Adds codes, one after another; returns the row of the first.
  @discardableResult
  package func append(_ codes: [UInt8]) -> Int { codes.withUnsafeBytes { append($0) } }

  /// Adds codes, one after another; returns the row of the first.
  @discardableResult
  package func append(_ codes: UnsafeRawBufferPointer) -> Int {
    let width = format.bytesPerCode
    precondition(codes.count % width == 0, "\(codes.count) bytes are no whole codes of \(width)")
    return writing { storage in
      let first = storage.count
      let added = codes.count / width
      if first + added > storage.capacity {
        grow(&storage, to: max(first + added, storage.capacity + storage.capacity / 2))
      }
      storage.count += added
      for i in 0..<added {
        set(first + i, in: &storage, to: UnsafeRawBufferPointer(rebasing: codes[i * width..<(i + 1) * width]))
      }
      return first
    }
  }

  /// Puts another code at a row.
  package func overwrite(row: Int, with code: [UInt8]) {
    precondition(code.count == format.bytesPerCode)
    writing { storage in
      precondition(row < storage.count, "row \(row) of \(storage.count)")
      code.withUnsafeBytes { set(row, in: &storage, to: $0) }
    }
  }

  /// Takes a row out; the last row takes its number.
  package func swapRemove(row: Int) {
    writing { storage in
      precondition(row < storage.count, "row \(row) of \(storage.count)")
      storage.count -= 1
      guard row < storage.count else { return }
      let (from, to) = (storage.codes + start(of: storage.count), storage.codes + start(of: row))
      for offset in stride(from: 0, to: format.bytesPerCode * step, by: step) { to[offset] = from[offset] }
      storage.factors?[row] = storage.factors![storage.count]
    }
  }

  package func removeAll() {
    writing { storage in
      storage.count = 0
      storage.largestFactor = 0
    }
  }

  /// The code of a row.
  package func code(at row: Int) -> [UInt8] {
    sharing { storage in
      precondition(row < storage.count, "row \(row) of \(storage.count)")
      let from = storage.codes + start(of: row)
      return (0..<format.bytesPerCode).map { from[$0 * step] }
    }
  }

  /// The codes of all rows and their factors, for as long as `body` runs. No change can come meanwhile.
  func reading<Result>(_ body: (Contents) throws -> Result) rethrows -> Result {
    try sharing { storage in
      try body(
        Contents(
          codes: storage.codes, factors: storage.factors, largestFactor: storage.largestFactor, count: storage.count))
    }
  }

  /// Where a row's first byte is.
  private func start(of row: Int) -> Int {
    format.standsInColumns ? row / 64 * 64 * format.bytesPerCode + row % 64 : row * format.bytesPerCode
  }

  /// How far its bytes are apart.
  private var step: Int { format.standsInColumns ? 64 : 1 }

  private func set(_ row: Int, in storage: inout Storage, to code: UnsafeRawBufferPointer) {
    let to = storage.codes + start(of: row)
    let step = step
    var sum = -unusedSquares
    squares.withUnsafeBufferPointer { squares in
      for (j, byte) in code.enumerated() {
        to[j * step] = byte
        sum += Int(squares[Int(byte)])
      }
    }
    let factor = CodeFormat.inverseNorm(squares: sum)
    storage.factors?[row] = factor
    storage.largestFactor = max(storage.largestFactor, factor)
  }

  private func grow(_ storage: inout Storage, to capacity: Int) {
    var larger = Self.allocate(format, capacity: capacity)
    larger.count = storage.count
    larger.largestFactor = storage.largestFactor
    // In columns, too, whole blocks are in the order of rows.
    larger.codes.update(from: storage.codes, count: (storage.count + 63) / 64 * 64 * format.bytesPerCode)
    if let factors = storage.factors { larger.factors?.update(from: factors, count: storage.count) }
    Self.release(storage)
    storage = larger
  }

  private static func allocate(_ format: CodeFormat, capacity: Int) -> Storage {
    // The kernels read whole blocks of 64 rows, and 64 bytes more.
    let rows = max(64, (capacity + 63) / 64 * 64)
    return Storage(
      codes: memory(rows * format.bytesPerCode + 64).assumingMemoryBound(to: UInt8.self),
      factors: format.hasOneNorm ? nil : memory(rows * 4).assumingMemoryBound(to: Float.self), capacity: rows)
  }

  private static func release(_ storage: Storage) {
    free(storage.codes)
    free(storage.factors)
  }

  private static func memory(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let hugePage = 2 << 20
    let isLarge = byteCount >= 4 * hugePage
    var pointer: UnsafeMutableRawPointer?
    precondition(
      posix_memalign(&pointer, isLarge ? hugePage : 64, byteCount) == 0, "no memory for \(byteCount) bytes of codes")
    // Refused where the kernel has none: then they are small pages. The last, partial one stays small.
    if isLarge { _ = madvise(pointer!, byteCount / hugePage * hugePage, MADV_HUGEPAGE) }
    return pointer!
  }

  private func sharing<Result>(_ body: (Storage) throws -> Result) rethrows -> Result {
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
