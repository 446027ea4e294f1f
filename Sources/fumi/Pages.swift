import FumikuraClient
import FumikuraProtocol

/// Fetches the pages of a list as one result.
struct Pages {
  /// The result's member that holds the list.
  let member: String
  /// Whether to go on to the last page.
  let isWhole: Bool
  let connection: ConnectionOptions

  /// The result of the first page with the elements of all that follow.
  func fetch<Parameters: WireObject, Reply: WireObject>(
    _ procedure: Procedure<Parameters, Reply>, _ parameters: Parameters,
    continuing: (inout Parameters, String) -> Void
  ) throws -> JSON {
    let client = try connection.connect()
    var parameters = parameters
    var elements: [JSON] = []
    while true {
      let result = try client.call(procedure.name, parameters.json)
      guard case .object(var page) = result, let list = page[member]?.array else {
        throw ClientError.badReply("no \(member) in the reply")
      }
      elements += list
      if isWhole, let cursor = page["next_cursor"]?.string {
        continuing(&parameters, cursor)
        continue
      }
      page[member] = .array(elements)
      return .object(page)
    }
  }
}
