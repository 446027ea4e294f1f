import Foundation
import FoundationXML
import Profiling
import RateReduction
import Testing

@Suite("The picture of a profile")
struct ProfilePlotTests {
  /// What an XML parser sees of a document.
  private final class Elements: NSObject, XMLParserDelegate {
    var seen: [(name: String, attributes: [String: String])] = []
    var words = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) { seen.append((name, attributes)) }

    func parser(_ parser: XMLParser, foundCharacters text: String) { words += text }
  }

  private func parse(_ svg: String) throws -> Elements {
    let parser = XMLParser(data: Data(svg.utf8))
    let elements = Elements()
    parser.delegate = elements
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    return elements
  }

  @Test func `is well-formed, stands alone, and shows every point, both thresholds and what is recommended`() throws {
    let rows = ProfileRows.varied
    let svg = ProfilePlot(ProfileRows.report(rows)).svg
    let elements = try parse(svg)
    #expect(elements.seen.first?.name == "svg")
    func count(_ kind: String) -> Int { elements.seen.count { $0.attributes["class"] == kind } }
    #expect(count("point") == rows.count)
    #expect(count("threshold") == 2)
    #expect(count("recommended") == 1)
    for row in rows { #expect(elements.words.contains(row.point.name), "\(row.point.name)") }
    #expect(elements.words.contains("letters") && elements.words.contains("1200 of 5000 passages"))
    for stranger in ["<script", "href", "url(", "@import", "<image", "font-face"] { #expect(!svg.contains(stranger)) }
    for element in elements.seen {
      for key in ["x", "y", "cx", "cy", "x1", "x2", "y1", "y2"] {
        guard let text = element.attributes[key] else { continue }
        let value = try #require(Double(text), "\(key) \(text)")
        #expect((0...1100).contains(value), "\(element)")
      }
    }
  }

  @Test func `a name with signs that mean something in XML is words and nothing else`() throws {
    let name = #"R&D <old> "x" 'y' \#u{1B} 文庫"#
    let elements = try parse(ProfilePlot(ProfileRows.report(ProfileRows.varied, name: name)).svg)
    #expect(elements.words.contains(#"R&D <old> "x" 'y' \#u{FFFD} 文庫"#))
  }

  @Test func `one point alone has a picture`() throws {
    let elements = try parse(ProfilePlot(ProfileRows.report([ProfileRows.row(.full, 384, 32, (1, 1, 1))])).svg)
    #expect(elements.seen.count { $0.attributes["class"] == "point" } == 1)
  }
}
