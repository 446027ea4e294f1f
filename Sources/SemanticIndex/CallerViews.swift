import LinuxSystem
import Synchronization

/// What each caller may read, as far as the index knows: files and rows, worked out anew only when something changed that
/// they follow from.
///
/// The state of the index that an answer was worked out from is kept with it, as `LiveIndex.generation` (files, their
/// permissions, and those on the way to them) and `ModelRows.revision`: numbers that no other state has. An answer serves
/// that state alone, so that what changed counts from the next look on. Callers are told apart by uid, gid and all groups.
final class CallerViews: Sendable {
  private struct Files {
    let generation: UInt64
    let bySlot: [Bool]
  }

  private struct RowsKey: Hashable {
    let caller: FileSystemCheck.Caller
    let model: SHA256Digest
  }

  private struct Rows {
    let generation: UInt64
    let revision: UInt64
    let bits: [UInt64]
  }

  private let knownFiles = Mutex(RecentValues<FileSystemCheck.Caller, Files>(capacity: 64))
  /// One for a caller and a model, each of 125 KB for a million passages.
  private let knownRows = Mutex(RecentValues<RowsKey, Rows>(capacity: 16))

  /// Which files the caller may read, by slot.
  func files(_ live: borrowing LiveIndex, for caller: FileSystemCheck.Caller) -> [Bool] {
    if let known = knownFiles.withLock({ $0.value(for: caller) }), known.generation == live.generation {
      return known.bySlot
    }
    let new = Files(generation: live.generation, bySlot: live.readableFiles(for: caller))
    knownFiles.withLock { $0.keep(new, for: caller) }
    return new.bySlot
  }

  /// Which rows of a part of `live` are of files that the caller may read, one bit a row; nil where that is all of them.
  func rows(of part: ModelRows, _ live: borrowing LiveIndex, for caller: FileSystemCheck.Caller) -> [UInt64]? {
    if caller.seesEverything { return part.allRows }
    let key = RowsKey(caller: caller, model: part.model)
    if let known = knownRows.withLock({ $0.value(for: key) }), known.generation == live.generation,
      known.revision == part.revision
    {
      return known.bits
    }
    let new = Rows(
      generation: live.generation, revision: part.revision, bits: part.rows(ofFiles: files(live, for: caller)))
    knownRows.withLock { $0.keep(new, for: key) }
    return new.bits
  }
}
