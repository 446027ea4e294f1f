import Foundation
import FumikuraProtocol
import Glibc

/// A connection of another user: a process of theirs that passes lines between us and the daemon's socket.
final class UserSession {
  /// Stays while the connection does.
  private let user: TestUser
  private let process = Process()
  private let input = Pipe()
  private let output: FileHandle
  private var received = Data()
  private var lastID = 0

  /// A relay in perl, which every Debian has: one line there, one line back.
  private static let script = """
    use IO::Socket::UNIX;
    $| = 1;
    my $daemon = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "cannot connect: $!\\n";
    print "connected\\n";
    while (my $line = <STDIN>) {
      print $daemon $line;
      my $reply = <$daemon>;
      defined $reply or die "the daemon closed the connection\\n";
      print $reply;
    }
    """

  /// Connects as `user`, with the groups that they have now.
  init(_ user: TestUser, socket: String) throws {
    self.user = user
    let replies = Pipe()
    output = replies.fileHandleForReading
    process.executableURL = URL(fileURLWithPath: user.prefix[0])
    process.arguments = Array(user.prefix.dropFirst()) + ["perl", "-e", Self.script, socket]
    process.standardInput = input
    process.standardOutput = replies
    try process.run()
    guard try line() == "connected" else { throw TestDaemon.Missing("\(user.name) cannot connect to \(socket)") }
  }

  deinit {
    // The relay ends with its input; a pipe that cannot be closed was closed before.
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// The whole answer, `result` or `error`, without the request's id.
  func ask(_ method: String, _ parameters: JSON = [:]) throws -> JSON {
    lastID += 1
    let request: JSON = ["jsonrpc": "2.0", "id": .integer(lastID), "method": .string(method), "params": parameters]
    try input.fileHandleForWriting.write(contentsOf: Data(request.encoded + [UInt8(ascii: "\n")]))
    guard case .object(var answer) = try JSONReader.read(try line()), answer["id"] == .integer(lastID) else {
      throw TestDaemon.Missing("\(method) was answered with something else")
    }
    answer["id"] = nil
    return .object(answer)
  }

  func call<Parameters: WireObject, Reply: WireObject>(
    _ procedure: Procedure<Parameters, Reply>, _ parameters: Parameters
  ) throws -> Reply {
    let answer = try ask(procedure.name, parameters.json)
    guard let result = answer["result"] else { throw TestDaemon.Missing("\(procedure.name): \(answer.text)") }
    return try Reply.decode(result)
  }

  func search(_ query: String, limit: Int = 10, mode: SearchMode = .hybrid) throws -> [Hit] {
    try call(.search, SearchParameters(query: query, limit: limit, mode: mode)).hits
  }

  /// Paths of all files that are listed to the user.
  func files(limit: Int = 1000) throws -> [String] {
    var paths: [String] = []
    var cursor: String?
    repeat {
      let page = try call(.indexFiles, IndexFilesParameters(cursor: cursor, limit: limit))
      paths += page.files.map(\.path.description)
      cursor = page.nextCursor
    } while cursor != nil
    return paths
  }

  private func line() throws -> String {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        defer { received = Data(received[(end + 1)...]) }
        return String(decoding: received[..<end], as: UTF8.self)
      }
      let more = output.availableData
      guard !more.isEmpty else { throw TestDaemon.Missing("the relay ended: what it got is \(received.count) bytes") }
      received.append(more)
    }
  }
}
