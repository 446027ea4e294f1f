/// What a file is by its first bytes, before its name is asked.
enum FileSignature: Equatable {
  case pdf
  /// ZIP: an office document, a book or an archive; its parts decide.
  case zip
  /// The old office formats, and the shell of an encrypted new one.
  case compound
  /// A format that is known, and not read.
  case unsupported(String)
  case archive
  case binary(String)

  /// Nil where the bytes give nothing away: then it is text, or nothing that we know.
  init?(_ head: [UInt8]) {
    for (prefix, signature) in Self.prefixes where head.starts(with: prefix) {
      self = signature
      return
    }
    if head.count > 262 && head[257..<262].elementsEqual("ustar".utf8) {
      self = .archive
    } else if head.count > 12 && head[4..<8].elementsEqual("ftyp".utf8) {
      self = .binary("video")
    } else {
      return nil
    }
  }

  /// Whether the head has a PDF header behind something else: readers accept one within the first 1,024 bytes (PDF 1.7,
  /// appendix H.3.4.1). A text about PDF may have one too; only the file's end tells them apart.
  static func hasLatePDFHeader(_ head: [UInt8]) -> Bool {
    let mark = Array("%PDF-".utf8)
    return (0..<max(0, min(1024, head.count - mark.count))).contains {
      head[$0] == 0x25 && head[$0...].starts(with: mark)
    }
  }

  private static let prefixes: [([UInt8], FileSignature)] = [
    (Array("%PDF-".utf8), .pdf), (Array("PK\u{3}\u{4}".utf8), .zip), (Array("PK\u{5}\u{6}".utf8), .zip),
    ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], .compound),
    (Array("{\\rtf".utf8), .unsupported("rtf")), (Array("%!PS".utf8), .unsupported("postscript")),
    ([0x1F, 0x8B], .archive), (Array("BZh".utf8), .archive), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .archive),
    (Array("7z".utf8) + [0xBC, 0xAF, 0x27, 0x1C], .archive), (Array("Rar!\u{1A}\u{7}".utf8), .archive),
    ([0x28, 0xB5, 0x2F, 0xFD], .archive),
    ([0x89] + Array("PNG\r\n".utf8), .binary("image")), ([0xFF, 0xD8, 0xFF], .binary("image")),
    (Array("GIF8".utf8), .binary("image")), (Array("II*\0".utf8), .binary("image")),
    (Array("MM\0*".utf8), .binary("image")), (Array("RIFF".utf8), .binary("media")),
    (Array("ID3".utf8), .binary("audio")), (Array("OggS".utf8), .binary("media")),
    (Array("fLaC".utf8), .binary("audio")),
    ([0x7F] + Array("ELF".utf8), .binary("program")), (Array("SQLite format 3\0".utf8), .binary("database")),
    (Array("\0asm".utf8), .binary("program")), ([0xCA, 0xFE, 0xBA, 0xBE], .binary("program")),
  ]
}
