/// First in, first out: directories and the jobs that want them.
struct WorkQueue {
  private var items: [(node: DirectoryNode, job: WatchJob)] = []
  private var head = 0

  var isEmpty: Bool { head == items.count }

  mutating func append(_ node: DirectoryNode, _ job: WatchJob) { items.append((node, job)) }

  mutating func popFirst() -> (node: DirectoryNode, job: WatchJob)? {
    guard head < items.count else { return nil }
    defer {
      head += 1
      if head == items.count || head > 1024 && head * 2 > items.count {
        items.removeFirst(head)
        head = 0
      }
    }
    return items[head]
  }
}
