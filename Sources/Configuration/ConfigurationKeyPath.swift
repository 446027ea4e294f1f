/// Where a value stands in a TOML document: `share[2].path` is the key `path` of the second element of `share`.
struct ConfigurationKeyPath: Hashable, CustomStringConvertible {
  enum Component: Hashable {
    case key(String)
    /// Counted from zero here, from one in what people read.
    case element(Int)
  }
  private(set) var components: [Component] = []

  func appending(_ component: Component) -> ConfigurationKeyPath {
    var longer = self
    longer.components.append(component)
    return longer
  }

  func key(_ name: String) -> ConfigurationKeyPath { appending(.key(name)) }
  func element(_ index: Int) -> ConfigurationKeyPath { appending(.element(index)) }

  var description: String {
    components.reduce(into: "") { text, component in
      switch component {
      case .key(let name): text += (text.isEmpty ? "" : ".") + Self.quotedIfNeeded(name)
      case .element(let index): text += "[\(index + 1)]"
      }
    }
  }

  private static func quotedIfNeeded(_ name: String) -> String {
    let bare = name.utf8.allSatisfy {
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
    return bare && !name.isEmpty ? name : String(reflecting: name)
  }
}
