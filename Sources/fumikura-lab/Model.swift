import ArgumentParser

struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Import, distil, list, check and remove encoder models.",
    discussion: """
      A model is one file, NAME.fmodel: weights, tokenizer and hash, memory-mapped. Models are looked for by name in \
      $FUMIKURA_MODELS, else in models/ beside the program or above it, else in /var/lib/fumikura/models.
      """,
    subcommands: [
      ModelImport.self, ModelDistill.self, ModelList.self, ModelShow.self, ModelVerify.self, ModelRemove.self,
    ])
}
