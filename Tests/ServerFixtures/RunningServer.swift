import Foundation
package import FumikuraClient
package import FumikuraProtocol
import Glibc
package import Logging
package import Server
import SystemPackage

/// A server on a socket of its own, with the service behind it; shut down and removed when it goes.
package final class RunningServer: Sendable {
  package let service = EchoService()
  package let server: Server
  /// The folder that holds the socket and nothing else.
  package let folder: String
  package var socket: String { folder + "/s" }

  package init(groupID: UInt32? = nil, _ configure: (inout ServerConfiguration) -> Void = { _ in }) throws {
    folder = try Self.makeFolder()
    var configuration = ServerConfiguration(socket: .path(FilePath(folder + "/s"), groupID: groupID))
    // Whoever runs the tests is an administrator, as root is without that.
    configuration.administratorsGroupID = getgid()
    configure(&configuration)
    server = Server(configuration: configuration, service: service, logger: Self.silent)
    try server.start()
  }

  deinit {
    server.shutdown()
    // What cannot be removed now goes with the temporary folder.
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A client that gives up after ten seconds without a byte.
  package func client() throws -> Client { try Client(socket: socket, patience: .seconds(10)) }

  package static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  /// A new folder whose path is short enough for a socket in it.
  package static func makeFolder() throws -> String {
    let parent = FileManager.default.temporaryDirectory.path
    let folder = "\(parent)/fumi-\(UInt32.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    return folder
  }
}

extension Client {
  /// Sends a line of text.
  package func send(_ text: String) throws { try send(line: Array(text.utf8)) }

  /// The next line as JSON.
  package func receive() throws -> JSON { try JSONReader.read(try receiveLine()) }

  /// Whether the daemon has closed the connection: waits for it.
  package func isClosed() -> Bool {
    do {
      _ = try receiveLine()
      return false
    } catch .disconnected {
      return true
    } catch {
      return false
    }
  }
}
