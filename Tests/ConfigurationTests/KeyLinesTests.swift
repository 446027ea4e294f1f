import Testing

@testable import Configuration

@Suite struct KeyLinesTests {
  private func line(_ name: String, in text: String) -> Int? {
    let lines = KeyLines(of: text).lines
    return lines.first { $0.key.description == name }?.value
  }

  static let document = #"""
    # [not_a_table]
    top = 1
    a.b . "c d" = 2   # a.z = 3
    [ daemon ]
    text = "[fake]\nkey = 1 # \" no comment"
    multi = """
    [fake2]
    inner = 1
    quotes: ""\""" """
    literal = '''
    it's = "raw \'''
    after = 'x = y # z'

    [[share]] # first
    name = "one"
    list = [ # an array
      "a", 'b',
      { deep = 1, deeper = { deepest = 2 } }, [
        [1, 2]],
    ]
    [share.nested.x]
    y = 1
    [[share]]
    name = "two"
    [share.nested]
    z = 1979-05-27 07:32:00
    [x.'y.z'."q\u0041"]
    inline = { one = 1, "two.three" = [ { four = 4 } ] }
    last = true
    """#

  @Test(
    "Every key has the line it stands on",
    arguments: [
      ("top", 2), ("a", 3), ("a.b", 3), (#"a.b."c d""#, 3), ("daemon", 4), ("daemon.text", 5), ("daemon.multi", 6),
      ("daemon.literal", 10), ("daemon.after", 12), ("share", 14), ("share[1]", 14), ("share[1].name", 15),
      ("share[1].list", 16), ("share[1].list[1]", 17), ("share[1].list[3].deep", 18),
      ("share[1].list[3].deeper.deepest", 18), ("share[1].list[4][1]", 19), ("share[1].nested.x", 21),
      ("share[1].nested.x.y", 22), ("share[2]", 23), ("share[2].name", 24), ("share[2].nested.z", 26),
      (#"x."y.z".qA"#, 27), (#"x."y.z".qA.inline.one"#, 28), (#"x."y.z".qA.inline."two.three"[1].four"#, 28),
      (#"x."y.z".qA.last"#, 29),
    ])
  func lines(name: String, expected: Int) {
    #expect(line(name, in: Self.document) == expected)
  }

  @Test("Text inside strings and comments is never taken for a key")
  func noFalseKeys() {
    let names = KeyLines(of: Self.document).lines.keys.map(\.description)
    #expect(!names.contains { $0.contains("fake") || $0.contains("not_a_table") || $0.contains("inner") })
    #expect(!names.contains { $0.contains("it's") || $0 == "a.z" })
  }

  @Test("Windows line ends and a byte order mark change no line")
  func carriageReturns() {
    let text = "\u{FEFF}[daemon]\r\nsocket = \"x\"\r\n\r\nmodel = 'y'\r\n"
    #expect(line("daemon.socket", in: text) == 2)
    #expect(line("daemon.model", in: text) == 4)
  }

  @Test("Any text at all is scanned to its end")
  func arbitraryText() {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var state = seed | 1
    func next(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    let pieces = [
      "[", "]", "{", "}", "\"", "'", "\"\"\"", "'''", "=", ".", ",", "#", "\n", "\r", " ", "a", "\\", "\\u00", "é", "日",
    ]
    for _ in 0..<5000 {
      let text = (0..<next(24)).map { _ in pieces[next(pieces.count)] }.joined()
      let count = text.utf8.count { $0 == UInt8(ascii: "\n") }
      #expect(KeyLines(of: text).lines.values.allSatisfy { 1...(count + 1) ~= $0 }, "\(text.debugDescription)")
    }
  }
}
