import Glibc

/// The processor time of the calling thread.
enum ThreadTime {
  /// Seconds since the thread's start.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
