/// What `tokenizer.json` says about the tokens around a text.
struct PostProcessor: Decodable {
  let type: String
  /// Of a template: the parts in order.
  let single: [Element]?
  /// Of a template: what each special token's name stands for.
  let specialTokens: [String: Special]?
  /// Of `BertProcessing` and `RobertaProcessing`: the token in front, and the one behind.
  let cls: Named?
  let sep: Named?

  /// One of the two.
  struct Element: Decodable {
    struct Reference: Decodable {
      let id: String
    }
    let special: Reference?
    let sequence: Reference?

    enum CodingKeys: String, CodingKey {
      case special = "SpecialToken"
      case sequence = "Sequence"
    }
  }

  struct Special: Decodable {
    let ids: [Int32]
  }

  /// A token and its number: a row of two in the file.
  struct Named: Decodable {
    let id: Int32

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      _ = try row.decode(String.self)
      id = try row.decode(Int32.self)
    }
  }

  /// The one token before a text and the one behind it; nil where it is not so.
  var ends: (opening: Int32, closing: Int32)? {
    switch type {
    case "BertProcessing", "RobertaProcessing":
      guard let cls, let sep else { return nil }
      return (cls.id, sep.id)
    case "TemplateProcessing":
      guard let single, single.count == 3, single[1].sequence != nil, let first = single[0].special,
        let last = single[2].special, let opening = specialTokens?[first.id]?.ids, opening.count == 1,
        let closing = specialTokens?[last.id]?.ids, closing.count == 1
      else { return nil }
      return (opening[0], closing[0])
    default:
      return nil
    }
  }
}
