import Foundation
import Glibc

/// Files of certain owners and modes in the share.
extension TestDaemon {
  /// Changes the configuration's text.
  func edit(_ change: (String) -> String) throws {
    try writeConfiguration(change(try String(contentsOfFile: configurationFile, encoding: .utf8)))
  }

  /// The number of the first line of the configuration that holds the text, from 1.
  func line(of text: String) throws -> Int {
    let lines = try String(contentsOfFile: configurationFile, encoding: .utf8).components(separatedBy: "\n")
    return (lines.firstIndex { $0.contains(text) } ?? -1) + 1
  }

  /// A text of one passage that has the word and the subject in it.
  func text(about subject: String, _ word: String) -> String {
    "This paper, which is called \(word), is about \(subject). Whoever reads it should keep it for the archive."
  }

  /// Writes a file about something, with the first word of its name in it, and sets its mode.
  func fill(_ name: String, _ mode: mode_t, about subject: String) throws {
    let word = (name as NSString).lastPathComponent.split { !$0.isLetter }.first.map(String.init) ?? "nothing"
    try write(text(about: subject, word), to: name)
    try self.mode(mode, name)
  }

  func mode(_ mode: mode_t, _ name: String) throws {
    guard chmod("\(share)/\(name)", mode) == 0 else { throw Missing("chmod of \(name): errno \(errno)") }
  }

  /// Adds entries to a file's ACL, as setfacl(1) takes them.
  func acl(_ entries: String, _ name: String) throws {
    try Shell.run("/usr/bin/setfacl", ["-m", entries, "\(share)/\(name)"])
  }
}
