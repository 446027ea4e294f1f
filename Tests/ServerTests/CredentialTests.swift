import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import Server
import ServerFixtures
import Testing

@Suite("Who is asking", .enabled(if: getuid() == 0, "needs root, to run a client as somebody else"))
struct CredentialTests {
  private static let search = #"{"query": "who am I"}"#

  /// Runs `fumi call` with these ids, from a copy that everybody may execute.
  private static func call(
    _ server: RunningServer, _ method: String, _ parameters: String = "{}", groups: [Int]
  ) throws -> Programs.Outcome {
    let program = server.folder + "/fumi"
    if !FileManager.default.fileExists(atPath: program) {
      try FileManager.default.copyItem(atPath: Programs.fumi, toPath: program)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    }
    let supplementary = groups.isEmpty ? "--clear-groups" : "--groups=" + groups.map(String.init).joined(separator: ",")
    return try Programs.run(
      "/usr/bin/setpriv",
      ["--reuid=65534", "--regid=65534", supplementary, program, "call", method, parameters, "--socket", server.socket])
  }

  @Test("the service is told the uid, gid and every group of the peer")
  func credentials() throws {
    let server = try RunningServer(groupID: 65_533)
    let outcome = try Self.call(server, "search", Self.search, groups: [12_345, 65_533])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("uid 65534, gid 65534, groups [12345, 65533], administrator false"))
    #expect(outcome.output.contains(#""keyword_score":null"#))
    let own = try server.client().call(.search, SearchParameters(query: "a")).hits.first?.heading
    #expect(own?.hasPrefix("uid 0, ") == true && own?.hasSuffix("administrator true") == true)
  }

  @Test("a caller with very many groups is known with all of them")
  func manyGroups() throws {
    let server = try RunningServer(groupID: 65_533)
    let groups = Array(20_000..<20_100) + [65_533]
    let outcome = try Self.call(server, "search", Self.search, groups: groups)
    #expect(outcome.output.contains("groups \(groups)"), "\(outcome.errors)")
  }

  @Test("members of the administrators' group are administrators, others are not")
  func administrators() throws {
    let server = try RunningServer(groupID: 65_533) { $0.administratorsGroupID = 12_345 }
    let refused = try Self.call(server, "config.reload", groups: [65_533])
    #expect(refused.status == 2 && refused.errors.contains("is for administrators"))
    let allowed = try Self.call(server, "config.reload", groups: [12_345, 65_533])
    #expect(allowed.status == 0 && allowed.output.contains("watch.settle_ms"), "\(allowed.errors)")
  }

  @Test("who may not connect is told which group may")
  func denied() throws {
    let server = try RunningServer(groupID: getgrnam("daemon").map { $0.pointee.gr_gid })
    let outcome = try Self.call(server, "health", groups: [])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("permission denied") && outcome.errors.contains("usermod -aG daemon"))
  }

  @Test("one user's connections and requests are bounded, and root's are not")
  func perUser() throws {
    let server = try RunningServer(groupID: 65_533) {
      $0.maximumConnectionsPerUser = 0
      $0.maximumRequestsPerUser = 0
    }
    let outcome = try Self.call(server, "health", groups: [65_533])
    #expect(outcome.status == 2 && outcome.errors.contains("connections of user 65534"), "\(outcome.errors)")
    #expect(try server.client().call(.search, SearchParameters(query: "a")).hits.count == 1)
  }
}
