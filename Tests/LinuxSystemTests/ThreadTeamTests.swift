import Dispatch
import LinuxSystem
import Synchronization
import Testing

@Suite("ThreadTeam")
struct ThreadTeamTests {
  @Test(arguments: [1, 2, 5])
  func `each part is done once, by whichever thread is free`(threads: Int) {
    let team = ThreadTeam(threads)
    defer { team.stop() }
    for count in [0, 1, 2, 3, 64] {
      for _ in 0..<50 {
        let done = Mutex(Array(repeating: 0, count: count))
        team.forEach(count) { part in done.withLock { $0[part] += 1 } }
        #expect(done.withLock { $0 } == Array(repeating: 1, count: count))
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a caller waits for no thread that is busy with another's parts`() {
    let team = ThreadTeam(2)
    defer { team.stop() }
    let (gate, begun, over) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let other = WorkerThreads(name: "other", count: 1, priority: .query)
    defer { other.stop() }
    other.submit {
      team.forEach(2) { _ in
        begun.signal()
        gate.wait()
      }
      over.signal()
    }
    begun.wait()
    begun.wait()
    // Both threads of the other call wait at the gate.
    let done = Mutex(0)
    team.forEach(6) { _ in done.withLock { $0 += 1 } }
    #expect(done.withLock { $0 } == 6)
    gate.signal()
    gate.signal()
    over.wait()
  }

  @Test(.timeLimit(.minutes(1)))
  func `a team that was stopped leaves all parts to the caller`() {
    let team = ThreadTeam(3)
    team.stop()
    let done = Mutex(0)
    team.forEach(4) { _ in done.withLock { $0 += 1 } }
    #expect(done.withLock { $0 } == 4)
  }
}
