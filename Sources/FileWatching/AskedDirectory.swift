import LinuxSystem

/// A directory between the question to the watch process and its answer. Confined to the watching thread.
final class AskedDirectory {
  let node: DirectoryNode
  let job: WatchJob
  /// Open for listing: the very directory that is being watched, wherever it moves.
  let descriptor: OwnedDescriptor
  /// Jobs that came to the same directory meanwhile, and begin with it anew.
  var laterJobs: [WatchJob] = []

  init(node: DirectoryNode, job: WatchJob, descriptor: consuming OwnedDescriptor) {
    self.node = node
    self.job = job
    self.descriptor = descriptor
  }
}
