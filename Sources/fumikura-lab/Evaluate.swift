import ArgumentParser

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how well vectors, whole and compressed, find what they should.",
    discussion: """
      retrieval  a corpus with queries and judgements (BEIR folders): nDCG@10, recall, MRR
      sts        sentence pairs with a score each: Spearman and Pearson
      classify   labelled texts: label mAP and nearest-neighbour accuracy
      """,
    subcommands: [EvaluateRetrieval.self, EvaluateSTS.self, EvaluateClassify.self])
}
