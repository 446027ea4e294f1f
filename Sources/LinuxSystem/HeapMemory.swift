import CLinux

/// The memory that `malloc` has from the system.
package enum HeapMemory {
  /// Keeps the number of arenas small: each of dozens of threads would have one of its own, and keep what it once needed.
  /// Two are enough where few threads compute at once. To be called before there are threads.
  package static func useFewArenas() {
    // Refused only by a C library that has no arenas.
    _ = fumikura_limit_arenas(2)
  }

  /// Gives back what is free.
  package static func giveBack() { fumikura_trim_heap() }
}
