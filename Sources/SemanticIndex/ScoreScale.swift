import LinearAlgebra
import PassageStore
import RateReduction
import SentenceEncoder
import Synchronization

/// What a query's cosines with passages that have nothing to do with it are like, in one model's space.
///
/// Cosines of two models are not comparable: E5's lie between .7 and 1, MiniLM's around 0. Two models' hits are merged by
/// how far each stands above its own model's scale.
struct ScoreScale: Hashable {
  let mean: Double
  let deviation: Double

  /// The cosine of this scale that stands as far above the mean, in deviations, as `cosine` does on `other`.
  func score(of cosine: Double, on other: ScoreScale) -> Double {
    mean + deviation * (cosine - other.mean) / other.deviation
  }
}

/// The texts by which a model's scale is found: the same for all models, whoever asks, whatever is indexed.
///
/// This is the normalisation by a cohort of impostors of speaker verification (T-norm: Auckenthaler et al. 2000,
/// doi 10.1006/dspr.1999.0360), of which the half that is most like the query counts (Sturim & Reynolds 2005): so a
/// Japanese query is measured against Japanese texts. Statistics of the passages themselves would not do: where a share
/// is all about the query's subject, they would take its hits for nothing special; in a share of three files there are
/// none; and they would tell something of passages that the caller may not read.
final class ScoreCohort: Sendable {
  private let encoder: any SentenceEncoder
  private struct Rows {
    /// 64 × the model's dimensions.
    var source: Matrix?
    /// Those through a projector.
    var projected: (projector: Int64, rows: Matrix)?
  }
  private let rows = Mutex(Rows())

  init(encoder: any SentenceEncoder) { self.encoder = encoder }

  /// The scale of a query's cosines.
  ///
  /// - Parameters:
  ///   - query: a unit vector in the space that the projector ranks in, or the model's own where there is no projector.
  func scale(of query: [Float], by projector: ProjectorInForce?) throws -> ScoreScale {
    let rows = try self.rows(by: projector)
    var cosines = (0..<rows.rows).map { row in
      Double(zip(rows.row(row), query).reduce(Float(0)) { $0 + $1.0 * $1.1 })
    }
    cosines.sort(by: >)
    cosines.removeLast(cosines.count / 2)
    let mean = cosines.reduce(0, +) / Double(cosines.count)
    let variance = cosines.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(cosines.count)
    return ScoreScale(mean: mean, deviation: max(variance.squareRoot(), 0.005))
  }

  private func rows(by projector: ProjectorInForce?) throws -> Matrix {
    let known = rows.withLock { $0 }
    let source = try known.source ?? encoder.encode(Self.texts, as: .passage)
    guard let projector else {
      rows.withLock { $0.source = source }
      return source
    }
    if let projected = known.projected, projected.projector == projector.row.id { return projected.rows }
    let projected = projector.ranking.projector.project(source)
    rows.withLock { $0 = Rows(source: source, projected: (projector.row.id, projected)) }
    return projected
  }

  /// Sentences such as office documents have, on as many subjects as there are sentences, in English and in Japanese.
  static let texts = [
    "The committee meets on the first Thursday of every month in the small conference room.",
    "Please return the signed form to the personnel office before the end of the week.",
    "The invoice is due within thirty days of the delivery of the goods.",
    "Rainfall in the northern provinces was twice the average of the last ten years.",
    "The patient was given antibiotics and discharged on the fourth day.",
    "Mix the flour with the eggs, and let the dough rest for an hour.",
    "The server was restarted after the update, and all services are running again.",
    "Tenants must give three months' notice in writing.",
    "The orchestra will play two symphonies by Brahms in its autumn season.",
    "Turn off the main valve before you replace the filter of the boiler.",
    "The treaty was signed in 1648 and ended thirty years of war.",
    "Our sales in the second quarter rose by eight per cent.",
    "The function returns an empty list where no element matches.",
    "Children under twelve travel free when an adult accompanies them.",
    "The bridge was closed to lorries because of cracks in its pillars.",
    "Bees find their way by the position of the sun.",
    "The defence moved for dismissal on the ground of lack of evidence.",
    "All visitors must wear a helmet and safety shoes on the site.",
    "The goalkeeper saved two penalties, and the match ended in a draw.",
    "The loan is repaid in equal monthly instalments over twenty years.",
    "This chapter describes how the samples were taken and weighed.",
    "The new timetable for the buses takes effect on Monday.",
    "The museum shows drawings that have never been seen in public.",
    "The password must be changed at the first login.",
    "Cut the roses back in March, above an outward bud.",
    "The ship left the harbour with a cargo of timber and wool.",
    "The survey asked two thousand households about their use of electricity.",
    "The warranty does not cover damage caused by improper use.",
    "Photosynthesis turns carbon dioxide and water into sugar and oxygen.",
    "The board approved the budget with one abstention.",
    "The recipe of the paint was kept secret for three generations.",
    "Students hand in their essays through the portal of the university.",
    "次回の会議は来週の火曜日に第二会議室で行います。", "申請書は今月末までに総務課へ提出してください。",
    "商品の代金は納品後三十日以内にお支払いください。", "昨年の北部の降水量は平年の二倍でした。",
    "患者は四日目に退院しました。", "小麦粉と卵を混ぜて、生地を一時間休ませます。",
    "更新のあとサーバーを再起動し、すべてのサービスが復旧しました。", "賃借人は三か月前までに書面で解約を通知しなければならない。",
    "交響楽団は秋にブラームスの交響曲を二曲演奏する。", "フィルターを交換する前に元栓を閉めてください。",
    "条約は一六四八年に結ばれ、三十年にわたる戦争が終わった。", "第二四半期の売上高は前年同期比で八パーセント増加した。",
    "一致する要素がない場合、この関数は空のリストを返します。", "十二歳未満のお子様は大人の同伴で無料になります。",
    "橋脚にひびが見つかったため、橋は大型車の通行が禁止された。", "蜜蜂は太陽の位置を手がかりに方向を知る。",
    "弁護側は証拠不十分を理由に訴えの棄却を求めた。", "現場ではヘルメットと安全靴を着用すること。",
    "試合は引き分けに終わり、ゴールキーパーの活躍が目立った。", "ローンは二十年間にわたり毎月均等に返済する。",
    "本章では試料の採取と計量の方法を述べる。", "新しいバスの時刻表は月曜日から適用されます。",
    "美術館では未公開の素描を展示している。", "初回ログイン時にパスワードを変更してください。",
    "薔薇は三月に外向きの芽の上で剪定します。", "船は材木と羊毛を積んで港を出た。",
    "調査は二千世帯を対象に電気の使用状況を尋ねた。", "不適切な使用による故障は保証の対象外です。",
    "光合成は二酸化炭素と水から糖と酸素を作り出す。", "取締役会は予算案を賛成多数で承認した。",
    "その染料の製法は三代にわたって秘密にされてきた。", "学生はレポートを大学のポータルサイトから提出する。",
  ]
}
