import Foundation
import SemanticIndex
import SystemPackage
import Testing

@Suite("Lists of labels")
struct LabelListTests {
  private func list(_ text: String, shares: [FilePath] = ["/srv/a", "/srv/b"]) -> LabelList {
    LabelList(Array(text.utf8), file: "/etc/labels.tsv", shares: shares)
  }

  @Test func `a file has the label of the longest path that holds for it`() {
    let list = list(
      """
      # invoices and the like
      money\t/srv/a/finance
      travel\t/srv/a/finance/trips/
       a label of words \t /srv/b

      one\t/srv/a/finance/trips/one.pdf\r
      """)
    #expect(list.problems == [])
    let found = [
      "/srv/a/finance/x.txt": "money", "/srv/a/finance/trips/x/y.txt": "travel", "/srv/a/finance/trips/one.pdf": "one",
      "/srv/b/資料/z.txt": "a label of words", "/srv/a/other.txt": nil, "/srv/a/financed.txt": nil,
    ]
    for (path, label) in found { #expect(list.label(of: FilePath(path)) == label, "\(path)") }
  }

  @Test func `what cannot be used is told with its line, and the other lines count`() {
    let list = list(
      "no tab here\n\t/srv/a\nx\trelative\nx\t/srv/c/d\nx\t/srv/ab\nmoney\t/srv/a\nother\t/srv/a\nmoney\t/srv/a\n")
    #expect(
      list.problems == [
        "/etc/labels.tsv:1: got “no tab here”, expected a label, a tab and a path: the line is left out",
        "/etc/labels.tsv:2: got “\t/srv/a”, expected a label, a tab and a path: the line is left out",
        "/etc/labels.tsv:3: got the path “relative”, expected an absolute path: the line is left out",
        "/etc/labels.tsv:4: got /srv/c/d, expected a path in a share (/srv/a, /srv/b): the line is left out",
        "/etc/labels.tsv:5: got /srv/ab, expected a path in a share (/srv/a, /srv/b): the line is left out",
        "/etc/labels.tsv:7: got /srv/a a second time, expected one label a path: line 6 says “money”: the line is left out",
      ])
    #expect(list.labels == ["/srv/a": "money"])
    let bytes = LabelList([0x61, 0x09, 0xFF, 0x0A] + Array("b\t/srv/b".utf8), file: "/l", shares: ["/srv/b"])
    #expect(bytes.problems == ["/l:1: got bytes that are not UTF-8, expected UTF-8 text: the line is left out"])
    #expect(bytes.labels == ["/srv/b": "b"])
  }

  @Test func `a file that is not there is one problem, and no label`() throws {
    let missing = LabelList(file: "/nowhere/labels.tsv", shares: ["/srv/a"])
    #expect(missing.labels.isEmpty && missing.problems.count == 1)
    #expect(missing.problems[0].hasPrefix("/nowhere/labels.tsv: no labels are used: "))
    #expect(missing.problems[0].contains("No such file or directory"), "\(missing.problems)")
    let path = "\(NSTemporaryDirectory())/labels-\(UUID().uuidString).tsv"
    try Data("\u{FEFF}a\t/srv/a\n".utf8).write(to: URL(filePath: path))
    defer { unlink(path) }
    #expect(LabelList(file: FilePath(path), shares: ["/srv/a"]).labels == ["/srv/a": "a"])
  }

  @Test func `passages have the label of their file, and two labels of two passages tell something apart`() {
    let list = list("x\t/srv/a/x\ny\t/srv/a/y\n")
    func labelled(_ names: [String?]) -> LabelledPassages {
      LabelledPassages(
        places: names.map { name in
          name.map { PassagePlace(file: 1, path: FilePath("/srv/a/\($0)"), folders: ["1"]) }
        }, list: list)
    }
    let some = labelled(["y/1", "x/1", nil, "z", "y/2", "x/2"])
    #expect(some.classes == [0, 1, -1, -1, 0, 1])
    #expect(some.labelled == 4 && some.labelCount == 2 && some.areUsable)
    #expect(!labelled(["y/1", "y/2", "x/1"]).areUsable)
    #expect(!labelled([nil]).areUsable)
  }
}
