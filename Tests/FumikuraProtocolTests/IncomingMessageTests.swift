import FumikuraProtocol
import Testing

@Suite("Requests")
struct IncomingMessageTests {
  @Test(
    "An id is given back as it came, of whichever kind JSON-RPC has",
    arguments: [("1", JSON.integer(1)), ("\"a\"", "a"), ("null", .null), ("1.5", 1.5), ("-3", -3), ("\"\"", "")]
      as [(String, JSON)])
  func ids(text: String, id: JSON) throws {
    let message = IncomingMessage(try JSONReader.read(#"{"jsonrpc":"2.0","id":\#(text),"method":"health"}"#))
    guard case .request(let got, "health", [:]) = message else {
      Issue.record("\(message)")
      return
    }
    #expect(got.json == id)
  }

  @Test("Without an id it is a notification")
  func notification() throws {
    let message = IncomingMessage(try JSONReader.read(#"{"jsonrpc":"2.0","method":"health","params":{}}"#))
    #expect(message == .notification(method: "health", parameters: [:]))
  }

  @Test(
    "What is no request is answered, by its id where that can be read",
    arguments: [
      ("1", "null", -32600), ("\"a\"", "null", -32600), ("null", "null", -32600), ("{}", "null", -32600),
      (#"{"jsonrpc":"1.0","id":1,"method":"health"}"#, "1", -32600), (#"{"id":1,"method":"health"}"#, "1", -32600),
      (#"{"jsonrpc":2.0,"id":1,"method":"health"}"#, "1", -32600), (#"{"jsonrpc":"2.0","id":1}"#, "1", -32600),
      (#"{"jsonrpc":"2.0","id":1,"method":7}"#, "1", -32600),
      (#"{"jsonrpc":"2.0","id":[1],"method":"health"}"#, "null", -32600),
      (#"{"jsonrpc":"2.0","id":{},"method":"health"}"#, "null", -32600),
      (#"{"jsonrpc":"2.0","id":true,"method":"health"}"#, "null", -32600),
      (#"{"jsonrpc":"2.0","id":1,"method":"health","params":7}"#, "1", -32600),
      (#"{"jsonrpc":"2.0","id":1,"method":"health","params":null}"#, "1", -32600),
      (#"{"jsonrpc":"2.0","id":1,"method":"health","param":{}}"#, "1", -32600),
      (#"{"jsonrpc":"2.0","id":1,"method":"search","params":["lunch"]}"#, "1", -32602),
      (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "1", -32600),
    ] as [(String, String, Int)])
  func invalid(text: String, id: String, code: Int) throws {
    guard case .invalid(let got, let error) = IncomingMessage(try JSONReader.read(text)) else {
      Issue.record("it was taken")
      return
    }
    #expect(got.json.text == id)
    #expect(error.code == code)
    #expect(!error.message.isEmpty)
  }
}
