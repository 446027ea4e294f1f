/// The small parts of an office document's package (ECMA-376 part 2) that say what the others are, from one walk.
struct OfficePackage {
  /// The part that the package's relationships name as its document; nil where they name none.
  private(set) var main: String?
  /// OpenDocument and EPUB packages begin with an entry of this name.
  private(set) var beginsWithMimetype = false
  /// By path, in small letters: core properties and styles.
  private(set) var parts: [String: [UInt8]] = [:]

  private static let maximumPartBytes = 8 << 20

  /// What a broken package still shows counts.
  init(_ source: DocumentSource) {
    guard let zip = try? ZipArchive(source) else { return }
    var isFirst = true
    while parts.count < 16, let name = try? zip.next() {
      if isFirst { beginsWithMimetype = name == "mimetype" }
      isFirst = false
      let path = name.lowercased()
      if path == "_rels/.rels" {
        main = Self.officeDocument(in: XMLPart(zip.content(upTo: Self.maximumPartBytes)))
      } else if path == "docprops/core.xml" || path.hasSuffix("/styles.xml") {
        parts[path] = zip.content(upTo: Self.maximumPartBytes)
      }
    }
  }

  private static func officeDocument(in relationships: XMLPart) -> String? {
    while let event = relationships.next() {
      guard case .start(let name) = event, name == "Relationship",
        let type = relationships.attribute("Type"), type.hasSuffix("/officeDocument"),
        let target = relationships.attribute("Target")
      else { continue }
      let path = target.split(separator: "/").filter { $0 != "." }
      return path.contains("..") ? nil : path.joined(separator: "/")
    }
    return nil
  }
}
