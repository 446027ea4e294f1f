import COpenBLAS

// LAPACK is column-major: its upper triangle is the lower one of a row-major matrix, its columns are rows.

extension Double: BLASScalar {
  package static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double, a: UnsafePointer<Double>,
    b: UnsafePointer<Double>, beta: Double, c: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m),
      Int32(n), Int32(k), alpha, a, Int32(max(1, transposeA ? m : k)), b, Int32(max(1, transposeB ? k : n)), beta, c,
      Int32(max(1, n)))
  }

  package static func syrk(
    transpose: Bool, n: Int, k: Int, a: UnsafePointer<Double>, c: UnsafeMutablePointer<Double>
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasLower, transpose ? CblasTrans : CblasNoTrans, Int32(n), Int32(k), 1, a,
      Int32(max(1, transpose ? n : k)), 0, c, Int32(max(1, n)))
  }

  package static func dot(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>) -> Double {
    precondition(a.count == b.count)
    return cblas_ddot(Int32(a.count), a.baseAddress, 1, b.baseAddress, 1)
  }

  package static func potrf(n: Int, a: UnsafeMutablePointer<Double>) -> Int {
    var (size, info) = (Int32(n), Int32(0))
    dpotrf_("U", &size, a, &size, &info)
    return Int(info)
  }

  package static func potri(n: Int, a: UnsafeMutablePointer<Double>) -> Int {
    var (size, info) = (Int32(n), Int32(0))
    dpotri_("U", &size, a, &size, &info)
    return Int(info)
  }

  package static func potrs(
    n: Int, count: Int, a: UnsafePointer<Double>, b: UnsafeMutablePointer<Double>
  ) -> Int {
    var (size, vectors, info) = (Int32(n), Int32(count), Int32(0))
    dpotrs_("U", &size, &vectors, a, &size, b, &size, &info)
    return Int(info)
  }

  package static func syevd(n: Int, a: UnsafeMutablePointer<Double>, w: UnsafeMutablePointer<Double>) -> Int {
    var (size, info) = (Int32(n), Int32(0))
    // The first call asks how much room the second needs.
    var (work, integers): ([Double], [Int32]) = ([0], [0])
    var (workCount, integerCount) = (Int32(-1), Int32(-1))
    dsyevd_("V", "U", &size, a, &size, w, &work, &workCount, &integers, &integerCount, &info)
    guard info == 0 else { return Int(info) }
    (workCount, integerCount) = (Int32(work[0]), integers[0])
    work = [Double](repeating: 0, count: Int(workCount))
    integers = [Int32](repeating: 0, count: Int(integerCount))
    dsyevd_("V", "U", &size, a, &size, w, &work, &workCount, &integers, &integerCount, &info)
    return Int(info)
  }
}
