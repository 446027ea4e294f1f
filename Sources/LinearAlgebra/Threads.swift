import COpenBLAS

private let oneThread: Void = openblas_set_num_threads(1)

/// Sets OpenBLAS to one thread, once in the life of the process.
///
/// The project's own threads are what runs in parallel (one encodes, one trains, one answers); threads of OpenBLAS
/// beneath them would only wait for one another. Everything here that computes calls it first.
package func useOneThread() { _ = oneThread }
