import FumikuraProtocol
import ProtocolFixtures
import Testing

@Suite("JSON Schemas")
struct SchemaTests {
  private let validator = SchemaValidator()

  @Test("rpc.discover describes every method, itself included, and keeps its own schema")
  func discover() throws {
    let document = API.document
    #expect(Set(document.methods.map(\.name)).count == document.methods.count)
    #expect(
      Set(document.methods.map(\.name)).isSuperset(of: [
        "search", "similar", "sync", "share.list", "index.status", "index.files", "index.why", "index.failures",
        "projector.list", "health", "config.reload", "rpc.discover",
      ]))
    let own = try #require(document.methods.first { $0.name == "rpc.discover" })
    #expect(validator.problems(of: document.json, against: own.result) == [])
    #expect(try DiscoverReply.decode(try JSONReader.read(document.json.encoded)) == document)
  }

  @Test("Every schema is an object that allows nothing unknown and describes each property")
  func closed() throws {
    for method in API.document.methods {
      for schema in [method.parameters, method.result] {
        #expect(schema["type"] == "object")
        #expect(schema["additionalProperties"] == false)
        for property in schema["properties"]?.object?.members ?? [] {
          #expect(property.value["description"]?.string?.isEmpty == false, "\(method.name) \(property.name)")
        }
      }
    }
  }

  @Test("The schema and the daemon's own check agree on random parameters")
  func agreement() throws {
    let seed = UInt64.random(in: 0...(.max))
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var accepted = 0
    for _ in 0..<20_000 {
      let procedure = API.procedures.randomElement(using: &random)!
      var object = JSON.Object()
      for member in procedure.parameters.members where random.next() % 3 > 0 || member.isRequired {
        object[member.name] = Self.value(for: member.shape, &random)
      }
      if random.next() % 20 == 0 { object["stranger"] = 1 }
      let own: WireMismatch?
      do throws(WireMismatch) {
        try procedure.parameters.check(object, at: "")
        own = nil
        accepted += 1
      } catch {
        own = error
      }
      let problems = validator.problems(of: .object(object), against: procedure.parameters.schema)
      #expect(
        (own == nil) == problems.isEmpty, "\(procedure.name) \(JSON.object(object).text): \(own as Any) \(problems)")
    }
    #expect(accepted > 1_000, "too few were right for the test to mean much")
  }

  /// Mostly what the shape takes, at its borders, and now and then something else.
  private static func value(for shape: Shape, _ random: inout SeededGenerator) -> JSON {
    if random.next() % 12 == 0 { return JSONReaderTests.value(depth: 1, &random) }
    switch shape {
    case .any: return JSONReaderTests.value(depth: 1, &random)
    case .boolean: return .bool(random.next() % 2 == 0)
    case .integer(let range):
      let step = random.next() % 20 == 0 ? -1 : 0
      return [.integer(range.lowerBound + step), .integer(range.upperBound - step), .integer(range.lowerBound)]
        .randomElement(using: &random)!
    case .number(let range):
      return [.number(range?.upperBound ?? 1), .number(range?.lowerBound ?? 0), 0.5].randomElement(using: &random)!
    case .text(let length):
      let count = [length.lowerBound, length.lowerBound + 1, min(length.upperBound, 12_000)].randomElement(
        using: &random)!
      return .string(String(repeating: "é", count: random.next() % 20 == 0 ? max(0, length.lowerBound - 1) : count))
    case .word(let words): return .string(words.randomElement(using: &random)!)
    case .timestamp: return .string(Timestamp(nanoseconds: Int64(truncatingIfNeeded: random.next() >> 2)).description)
    case .absolutePath: return random.next() % 10 == 0 ? "a" : "/a"
    case .base64: return random.next() % 10 == 0 ? "*" : "L2E="
    case .list(let element, let count):
      let wanted = [count.lowerBound, count.lowerBound + 1].randomElement(using: &random)!
      return .array((0..<wanted).map { _ in value(for: element, &random) })
    case .tuple(let elements): return .array(elements.map { value(for: $0, &random) })
    case .nullable(let shape): return random.next() % 2 == 0 ? .null : value(for: shape, &random)
    case .object(let shape):
      var object = JSON.Object()
      for member in shape.members { object[member.name] = value(for: member.shape, &random) }
      return .object(object)
    }
  }
}
