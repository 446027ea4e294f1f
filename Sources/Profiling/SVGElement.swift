/// Writing of SVG elements: every name and number goes through here, so that nothing in a document's name can break it.
enum SVGElement {
  /// An element with its attributes in the order given and, where there is any, its content, which is written as it is.
  static func write(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String? = nil
  ) -> String {
    let list = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    return content.map { "<\(name)\(list)>\($0)</\(name)>" } ?? "<\(name)\(list)/>"
  }

  /// Words for content and attributes: without what XML 1.0 does not allow, and with its five signs told by name.
  static func escaped(_ words: String) -> String {
    var result = ""
    for scalar in words.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", " "..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
        result.unicodeScalars.append(scalar)
      default: result += "\u{FFFD}"
      }
    }
    return result
  }

  /// A tenth of a unit is as near as anybody sees.
  static func number(_ value: Double) -> String { value.formatted(decimals: 1) }
}
