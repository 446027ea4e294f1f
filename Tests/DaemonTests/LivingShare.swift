import FumikuraClient
import FumikuraProtocol
import Glibc
import Testing

/// A folder that people work in: files are made, edited, moved, swapped and deleted at random, by names of all kinds.
///
/// Each version of a text begins with a word that was never used before, by which the index must find it, and must not
/// once the version is gone.
final class LivingShare {
  let root: [UInt8]
  /// Beside the share, on the same file system: things move out and in again.
  let outside: [UInt8]
  var random: SeededRandom
  private var wordsUsed: Set<String> = []
  private var serial = 0
  /// What was done since the last look, for those who wonder why the index does not show it.
  private var history: [String] = []

  init(_ root: String, random: SeededRandom) {
    self.root = Array(root.utf8)
    outside = Array("\(root)-outside".utf8)
    self.random = random
    ByteFiles.makeDirectory(outside)
    ByteFiles.makeDirectory(outside + Array("/secret".utf8))
    ByteFiles.write(outside + Array("/secret/secret.txt".utf8), Array("\(Self.secretWord) is not for the index.".utf8))
  }

  deinit { ByteFiles.remove(outside) }

  static let secretWord = "unspeakablexyz"

  // MARK: Texts

  private static let vocabulary = """
    harbour ledger winter committee bicycle invoice garden engine letter village museum salary bridge teacher forest \
    contract kitchen weather library signal doctor machine river festival budget picture railway music history market \
    repaired counted opened described measured delivered painted forgot explained carried ordered discovered visited \
    quickly slowly twice yesterday carefully together again outside early without the a of in under behind near with
    """.split { $0.isWhitespace }.map(String.init)

  private func newWord() -> String {
    while true {
      let word = "q" + String((0..<9).map { _ in Array("bcdfgaeiou")[random.below(10)] })
      if wordsUsed.insert(word).inserted { return word }
    }
  }

  /// A new version of a text: a word of its own, then sentences.
  func text(sentences: Int) -> [UInt8] {
    var text = newWord()
    for _ in 0..<sentences {
      let words = (0..<(8 + random.below(8))).map { _ in Self.vocabulary[random.below(Self.vocabulary.count)] }
      text += " " + words.joined(separator: " ") + "."
      if random.below(6) == 0 { text += "\n\n" }
    }
    return Array(text.utf8)
  }

  /// Adds text files of one to four passages, some of them the same as others, and some that nobody can read.
  func fill(files: Int) {
    for number in 0..<files {
      let folder = root + Array("/records/\(number % 5)".utf8)
      ByteFiles.makeDirectory(root + Array("/records".utf8))
      ByteFiles.makeDirectory(folder)
      let content = text(sentences: 6 + random.below(40))
      ByteFiles.write(folder + Array("/record \(number).txt".utf8), content)
      if number % 7 == 0 { ByteFiles.write(folder + Array("/copy of \(number).txt".utf8), content) }
      if number % 9 == 0 {
        ByteFiles.write(folder + Array("/\(number).dat".utf8), (0..<400).map { _ in UInt8(random.below(256)) })
      }
    }
  }

  // MARK: Operations

  private func all() -> (files: [[UInt8]], directories: [[UInt8]]) {
    var files: [[UInt8]] = []
    var directories = [root]
    func walk(_ directory: [UInt8]) {
      for name in ByteFiles.names(in: directory) {
        let path = directory + [UInt8(ascii: "/")] + name
        switch ByteFiles.kind(path)?.kind {
        case .regular?: files.append(path)
        case .directory?:
          directories.append(path)
          walk(path)
        case .other?, nil: break
        }
      }
    }
    walk(root)
    return (files, directories)
  }

  private func name(_ ending: String = ".txt") -> [UInt8] {
    serial += 1
    let end = Array("\(serial)\(ending)".utf8)
    switch random.below(12) {
    case 0: return [0x62, 0xFF, 0xFE, 0x2D] + end
    case 1: return Array("two\nlines-".utf8) + end
    case 2: return Array("資料-".utf8) + end
    case 3: return Array("100% 'quoted' \\ ".utf8) + end
    case 4: return Array("%e3%81-tab\t".utf8) + end
    default: return Array("note-".utf8) + end
    }
  }

  /// What may be done; `change` draws one. `otherEnding`: a name that says Markdown comes to say plain text.
  enum Operation: CaseIterable {
    case create, edit, append, sameSize, sameSizeAndTime, twiceInOneTick, saveByRename, copy, editHardLink
    case moveFile, otherEnding, moveDirectory, swapDirectories, hide, unhide, makeTree, throughOutside, moveOut
    case deleteFile, deleteTree, link, linkDirectory, directoryForFile, fileForDirectory, linkForDirectory
    case remakeDirectory
  }

  /// Performs random operations; every third makes something, so that the share does not die out. No hard links: what is
  /// written through a name that is gone a moment later is told to nobody.
  func change(_ count: Int) {
    let operations = Operation.allCases.filter { $0 != .editHardLink }
    for _ in 0..<count { perform(random.below(3) == 0 ? .create : operations.randomElement(using: &random)!) }
  }

  func perform(_ operation: Operation) {
    let (files, directories) = all()
    let directory = directories.randomElement(using: &random)!
    // Not the root itself, which would be another matter. Of three the deepest, so that much is left.
    let movable = (0..<3).compactMap { _ in directories.dropFirst().randomElement(using: &random) }.max {
      Self.depth($0) < Self.depth($1)
    }
    let file = files.randomElement(using: &random)
    let textFile = files.filter { path in
      [".txt", ".md"].contains { path.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }.randomElement(using: &random)
    history.append(
      "\(operation): file \(file.map(show) ?? "none"), text \(textFile.map(show) ?? "none"),"
        + " directory \(movable.map(show) ?? "none"); made")
    func new(in directory: [UInt8], _ ending: String = ".txt") -> [UInt8] {
      let path = directory + [UInt8(ascii: "/")] + name(ending)
      history[history.count - 1] += " \(show(path))"
      return path
    }
    func short() -> [UInt8] { text(sentences: 2 + random.below(8)) }
    /// A text of the same length as the file's, where it is long enough for a new word.
    func sameSizeText(_ file: [UInt8]) -> [UInt8]? {
      guard let old = ByteFiles.read(file), old.count > 12, old.first == UInt8(ascii: "q") else { return nil }
      return Array(newWord().utf8) + old.dropFirst(10)
    }
    switch operation {
    case .create: ByteFiles.write(new(in: directory, random.below(5) == 0 ? ".md" : ".txt"), short())
    case .edit: if let file = textFile { ByteFiles.write(file, short()) }
    case .append:
      if let file = textFile { ByteFiles.write(file, Array(" One more sentence, \(serial).".utf8), flags: O_APPEND) }
    case .sameSize: if let file = textFile, let text = sameSizeText(file) { ByteFiles.write(file, text, flags: 0) }
    case .sameSizeAndTime:
      if let file = textFile, let text = sameSizeText(file), let time = ByteFiles.modified(file) {
        ByteFiles.write(file, text, flags: 0)
        ByteFiles.setTimes(file, modified: time)
      }
    case .twiceInOneTick:
      if let file = textFile, ByteFiles.write(file, short()), let text = sameSizeText(file) {
        ByteFiles.write(file, text, flags: 0)
      }
    case .saveByRename:
      if let file = textFile {
        let temporary = file + Array(".tmp".utf8)
        ByteFiles.write(temporary, short())
        ByteFiles.rename(temporary, file)
      }
    case .copy: if let file, let content = ByteFiles.read(file) { ByteFiles.write(new(in: directory), content) }
    case .editHardLink:
      // Two names, of which only one tells of the change.
      if let file = textFile {
        ByteFiles.hardLink(new(in: directory), to: file)
        ByteFiles.write(file, short())
      }
    case .moveFile: if let file { ByteFiles.rename(file, new(in: directory)) }
    case .otherEnding:
      let markdown = new(in: directory, ".md")
      ByteFiles.write(markdown, short() + Array("\n\n## The second part\n\n".utf8) + short().dropFirst(11))
      if let other = files.first(where: { $0.suffix(3).elementsEqual(".md".utf8) }) {
        ByteFiles.rename(other, new(in: directory))
      }
    case .moveDirectory: if let movable { ByteFiles.rename(movable, new(in: directory, "")) }
    case .swapDirectories:
      if let movable, let other = directories.dropFirst().randomElement(using: &random), other != movable {
        let temporary = new(in: root, "")
        ByteFiles.rename(movable, temporary)
        ByteFiles.rename(other, movable)
        ByteFiles.rename(temporary, other)
      }
    case .hide: if let file { ByteFiles.rename(file, directory + Array("/.hidden\(serial)".utf8)) }
    case .unhide:
      if let hidden = files.first(where: { Self.isHidden($0[(root.count + 1)...]) }) {
        ByteFiles.rename(hidden, new(in: directory))
      }
    case .makeTree:
      var path = directory
      for _ in 0...random.below(4) {
        path = new(in: path, "")
        ByteFiles.makeDirectory(path)
        ByteFiles.write(new(in: path), short())
      }
    case .throughOutside:
      if let movable {
        let away = outside + [UInt8(ascii: "/")] + name("")
        ByteFiles.rename(movable, away)
        ByteFiles.rename(away, random.below(2) == 0 ? movable : new(in: root, ""))
      }
    case .moveOut: if let movable { ByteFiles.rename(movable, outside + [UInt8(ascii: "/")] + name("")) }
    case .deleteFile: if let file { ByteFiles.remove(file) }
    case .deleteTree: if let movable { ByteFiles.remove(movable) }
    case .link: if let file { ByteFiles.link(new(in: directory), to: file) }
    case .linkDirectory: ByteFiles.link(new(in: directory, ""), to: random.below(2) == 0 ? outside : root)
    case .directoryForFile:
      if let file {
        ByteFiles.remove(file)
        ByteFiles.makeDirectory(file)
        ByteFiles.write(new(in: file), short())
      }
    case .fileForDirectory:
      if let movable {
        ByteFiles.rename(movable, outside + [UInt8(ascii: "/")] + name(""))
        ByteFiles.write(movable, short())
      }
    case .linkForDirectory:
      if let movable {
        ByteFiles.rename(movable, outside + [UInt8(ascii: "/")] + name(""))
        ByteFiles.link(movable, to: outside + Array("/secret".utf8))
      }
    case .remakeDirectory:
      if let movable {
        ByteFiles.remove(movable)
        ByteFiles.makeDirectory(movable)
        ByteFiles.write(new(in: movable), short())
      }
    }
  }

  private func show(_ path: [UInt8]) -> String {
    String(decoding: path.dropFirst(root.count), as: UTF8.self).debugDescription
  }

  private static func depth(_ path: [UInt8]) -> Int { path.count { $0 == UInt8(ascii: "/") } }

  private static func isHidden(_ relative: ArraySlice<UInt8>) -> Bool {
    relative.split(separator: UInt8(ascii: "/")).contains { $0.first == UInt8(ascii: ".") }
  }

  // MARK: What must be found

  /// What the index must show of the share as it is now: the files that it knows, and the words that find them.
  func expectIsIndexed(by daemon: TestDaemon, _ when: String, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    var sizes: [[UInt8]: Int] = [:]
    var others: Set<[UInt8]> = []
    var holders: [String: Set<[UInt8]>] = [:]
    func walk(_ directory: [UInt8]) {
      for name in ByteFiles.names(in: directory) where name.first != UInt8(ascii: ".") {
        let path = directory + [UInt8(ascii: "/")] + name
        switch ByteFiles.kind(path) {
        case (.regular, let size)?:
          sizes[path] = size
          if let content = ByteFiles.read(path), let word = String(validating: content.prefix(10), as: UTF8.self),
            wordsUsed.contains(word)
          {
            holders[word, default: []].insert(path)
          }
        case (.directory, _)?: walk(path)
        case (.other, _)?: others.insert(path)
        case nil: break
        }
      }
    }
    walk(root)
    let listed = Dictionary(try daemon.files().map { ($0.path.bytes, $0) }) { first, _ in first }
    var problems: [String] = []
    var concerned: Set<[UInt8]> = []
    for (path, size) in sizes {
      if let entry = listed[path] {
        if entry.state == .waiting { problems.append("\(show(path)) waits") }
        if entry.size != size { problems.append("\(show(path)) has \(size) bytes, listed with \(entry.size ?? -1)") }
      } else {
        problems.append("\(show(path)) is not listed")
        concerned.insert(path)
      }
    }
    for (path, entry) in listed where sizes[path] == nil {
      if !others.contains(path) {
        problems.append("\(show(path)) is listed (\(entry.state)) and not there")
        concerned.insert(path)
      } else if entry.state != .skipped {
        problems.append("\(show(path)) is no regular file, and is \(entry.state)")
      }
    }
    let client = try daemon.client()
    func found(_ word: String) throws -> Set<[UInt8]> {
      let reply = try client.call(.search, SearchParameters(query: word, limit: 100, mode: .keyword))
      return Set(reply.hits.map(\.path.bytes))
    }
    for (word, paths) in holders {
      let found = try found(word)
      if found != paths {
        concerned.formUnion(found.symmetricDifference(paths))
        problems.append("\(word) of \(paths.map(show).sorted()) is found in \(found.map(show).sorted())")
      }
    }
    for word in wordsUsed.subtracting(holders.keys).sorted().prefix(50) + [Self.secretWord] {
      let found = try found(word)
      if !found.isEmpty { problems.append("\(word) is gone, and found in \(found.map(show).sorted())") }
    }
    defer { history = [] }
    // Not by #expect, which would print them all.
    guard !problems.isEmpty else { return }
    for path in concerned {
      let why = try client.call(.indexWhy, IndexWhyParameters(path: WirePath(bytes: path)))
      print("\(show(path)): \(why.state), \(why.history.map { "\($0.time) \($0.action) \($0.detail ?? "")" })")
    }
    print("What was done before:\n\(history.joined(separator: "\n"))")
    let shown = problems.sorted().prefix(8).joined(separator: "\n")
    Issue.record("\(when): \(problems.count) differences:\n\(shown)", sourceLocation: sourceLocation)
  }
}
