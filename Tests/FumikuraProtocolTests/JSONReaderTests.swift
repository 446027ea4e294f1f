import FumikuraProtocol
import ProtocolFixtures
import Testing

@Suite("Reading and writing JSON")
struct JSONReaderTests {
  @Test(
    "Takes every kind of value",
    arguments: [
      ("null", JSON.null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", 1.5), ("1e3", 1000.0), ("1E-2", 0.01),
      ("2.0", 2.0), ("\"\"", ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"), (#""\u00e9\u3042""#, "éあ"),
      (#""\ud83d\udc1d""#, "🐝"), (#""\uD83D\uDC1D""#, "🐝"), ("\"文庫\"", "文庫"), ("[]", []), ("[ 1 , [ ] ]", [1, []]),
      ("{}", [:]), (#"{ "a" : { "b" : null } , "c" : [ ] }"#, ["a": ["b": nil], "c": []]), ("\t[1]\r\n", [1]),
      (#"{"":1}"#, ["": 1]), (#""\u0000""#, "\0"), ("\"\u{7f}\"", "\u{7f}"),
    ] as [(String, JSON)])
  func takes(text: String, expected: JSON) throws {
    #expect(try JSONReader.read(text) == expected)
  }

  @Test(
    "Refuses what is not JSON, and says where",
    arguments: [
      ("", 0), ("   ", 3), ("nul", 0), ("nulL", 0), ("True", 0), ("01", 0), ("-", 1), ("1.", 2), (".5", 0), ("1e", 2),
      ("+1", 0), ("0x10", 1), ("NaN", 0), ("Infinity", 0), ("1e999", 0), ("-1e999", 0), ("1 2", 2), ("[1,]", 3),
      ("[1 2]", 3), ("[", 1), ("]", 0), ("{", 1), (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7), ("{a:1}", 1),
      (#"{"a":1 "b":2}"#, 7), (#"{"a":1,"a":2}"#, 7), ("\"", 0), ("\"abc", 0), (#""\x""#, 1), (#""\u12G4""#, 5),
      (#""\ud800""#, 1), (#""\ud800\u0041""#, 1), (#""\udc00""#, 1), ("\"a\nb\"", 2), ("\"a\u{0}b\"", 2), ("'a'", 0),
      ("[1]]", 3), ("// no", 0), ("\u{feff}1", 0),
    ] as [(String, Int)])
  func refuses(text: String, position: Int) {
    #expect { try JSONReader.read(text) } throws: { ($0 as? JSONSyntaxError)?.position == position }
  }

  @Test(
    "Refuses bytes that are not UTF-8 at the first of them",
    arguments: [
      ([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xC3, 0x22], 2), ([0x22, 0xC0, 0xAF, 0x22], 1),
      ([0x22, 0xED, 0xA0, 0x80, 0x22], 1), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0xFF], 0), ([0x00], 0),
    ] as [([UInt8], Int)])
  func refusesInvalidUTF8(bytes: [UInt8], position: Int) {
    #expect { try JSONReader.read(bytes) } throws: { ($0 as? JSONSyntaxError)?.position == position }
  }

  @Test("Nests to its limit and no deeper, however deep the text is")
  func depth() throws {
    let limit = JSONReader.maximumDepth
    let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try JSONReader.read(nested(limit))
    #expect { try JSONReader.read(nested(limit + 1)) } throws: { ($0 as? JSONSyntaxError)?.position == limit }
    #expect(throws: JSONSyntaxError.self) { try JSONReader.read(String(repeating: "[", count: 100_000)) }
    #expect(throws: JSONSyntaxError.self) { try JSONReader.read(String(repeating: #"{"a":"#, count: 100_000)) }
  }

  @Test("Refuses a number of a million digits and an object of a million members")
  func size() {
    #expect(throws: JSONSyntaxError.self) { try JSONReader.read(String(repeating: "9", count: 1_000_000)) }
    let members = (0..<100_000).map { "\"\($0)\":0" }.joined(separator: ",")
    #expect(throws: JSONSyntaxError.self) { try JSONReader.read("{\(members)}") }
  }

  @Test("Half a million escapes in one string are read, and bytes that are not UTF-8 are found among them")
  func escapes() throws {
    let text = String(repeating: #"\n"#, count: 500_000)
    #expect(try JSONReader.read("\"\(text)\"").string?.utf8.count == 500_000)
    // The two bytes of an é with an escape between them are no é.
    let split: [UInt8] = [0x22, 0x5C, 0x6E, 0xC3, 0x5C, 0x6E, 0xA9, 0x22]
    #expect { try JSONReader.read(split) } throws: { ($0 as? JSONSyntaxError)?.position == 3 }
  }

  @Test("Reads back what it writes, for random values")
  func roundTrip() throws {
    let seed = UInt64.random(in: 0...(.max))
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2_000 {
      let value = Self.value(depth: 4, &random)
      let text = value.encoded
      #expect(!text.contains(UInt8(ascii: "\n")))
      #expect(try JSONReader.read(text) == value, "\(value.text)")
    }
  }

  @Test("Does not crash on random bytes, nor on JSON with random bytes in it")
  func noise() {
    let seed = UInt64.random(in: 0...(.max))
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<5_000 {
      var bytes = Self.value(depth: 4, &random).encoded
      for _ in 0...random.next() % 3 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      // Any outcome is right but a crash or a position outside the text.
      do { _ = try JSONReader.read(bytes) } catch { #expect((0...bytes.count).contains(error.position)) }
    }
  }

  @Test("Writes a number that is not finite as null")
  func notFinite() {
    #expect(JSON.array([.number(.nan), .number(.infinity), .number(-0.5)]).text == "[null,null,-0.5]")
  }

  static func value(depth: Int, _ random: inout SeededGenerator) -> JSON {
    switch random.next() % (depth > 0 ? 8 : 6) {
    case 0: return .null
    case 1: return .bool(random.next() % 2 == 0)
    case 2: return .integer(Int(truncatingIfNeeded: random.next()) >> Int(random.next() % 64))
    case 3:
      let number = Double(bitPattern: random.next())
      return .number(number.isFinite && number.rounded() != number ? number : 0.25)
    case 4, 5:
      let scalars = (0..<random.next() % 6).compactMap { _ in
        Unicode.Scalar(UInt32(random.next() % [0x20, 0x80, 0x800, 0x3100, 0x110000].randomElement(using: &random)!))
      }
      return .string(scalars.map(String.init).joined())
    case 6: return .array((0..<random.next() % 5).map { _ in value(depth: depth - 1, &random) })
    default:
      var object = JSON.Object()
      for index in 0..<random.next() % 5 { object["m\(index)"] = value(depth: depth - 1, &random) }
      return .object(object)
    }
  }
}
