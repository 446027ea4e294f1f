/// How the lines of a text file are to be understood; the name tells.
enum TextForm: Equatable {
  case markdown
  /// Lines that stand for themselves: source code, configuration, data, logs.
  case code
  case table(separator: UInt8)
  /// Paragraphs.
  case prose(HeadingStyle)

  /// How a plain format marks its headings.
  enum HeadingStyle: Equatable {
    /// A line of punctuation under the title: reStructuredText, and many a README.
    case underlined
    /// "== Title".
    case asciidoc
    /// "** Title".
    case org
  }

  init(name: String) {
    // "notes.md~" and "notes.md.bak" are what they are copies of.
    var name = name.lowercased()
    while name.hasSuffix("~") || name.hasSuffix(".bak") || name.hasSuffix(".tmp") || name.hasSuffix(".orig") {
      name =
        name.hasSuffix("~") ? String(name.dropLast()) : name.split(separator: ".").dropLast().joined(separator: ".")
    }
    let suffix = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last.map(String.init) ?? ""
    switch suffix {
    case "md", "markdown", "mdown", "mkd", "qmd", "mdx": self = .markdown
    case "csv": self = .table(separator: 0x2C)
    case "tsv", "tab": self = .table(separator: 0x09)
    case "adoc", "asciidoc": self = .prose(.asciidoc)
    case "org": self = .prose(.org)
    default: self = Self.codeSuffixes.contains(suffix) ? .code : .prose(.underlined)
    }
  }

  private static let codeSuffixes: Set<String> = [
    "asm", "awk", "bat", "c", "cc", "cfg", "clj", "cmake", "conf", "cpp", "cs", "css", "cxx", "dart", "diff", "el",
    "erl",
    "ex", "f90", "fs", "go", "gradle", "graphql", "groovy", "h", "hcl", "hpp", "hs", "ini", "ipynb", "java", "jl", "js",
    "json", "jsonl", "jsx", "kt", "less", "lisp", "log", "lua", "m", "mk", "ml", "mm", "nim", "nix", "pas", "patch",
    "php",
    "pl", "plist", "pm", "properties", "proto", "ps1", "py", "r", "rb", "rs", "sass", "scala", "scm", "scss", "sh",
    "sol",
    "sql", "svg", "swift", "tcl", "tf", "toml", "ts", "tsx", "v", "vb", "vhd", "vim", "vue", "xml", "xsd", "xsl",
    "xslt",
    "yaml", "yml", "zig", "zsh",
  ]
}
