/// How much a passage's words add to what its meaning gives, in hybrid search.
///
/// score = cosine + w · bm25 / (bm25 + h). BM25 has no upper end and grows with the corpus, so it is bent to stay below 1;
/// a passage that shares only a question's commonest words gets little, one that holds a rare name or number gets nearly
/// all of w, which is more than lies between a good and a middling cosine. Ranks alone (reciprocal rank fusion) cannot
/// tell the two apart: the best of many poor keyword matches would weigh as much as a perfect one.
package enum ScoreFusion {
  /// w.
  static let keywordWeight = 0.25
  /// h: the BM25 that counts half.
  static let halfway = 10.0

  package static func score(cosine: Double, bm25: Double?) -> Double {
    guard let bm25, bm25 > 0 else { return cosine }
    return cosine + keywordWeight * bm25 / (bm25 + halfway)
  }
}
