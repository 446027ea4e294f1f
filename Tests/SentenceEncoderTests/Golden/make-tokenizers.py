"""Makes unigram.zip, unigram-pipelines.json and unigram-texts.jsonl: a small Unigram tokenizer, and what Hugging Face's
tokenizers gives for nasty texts; wordpiece-tokenizers.json and wordpiece-texts.jsonl: the same of WordPiece.

    python3 -m venv v && v/bin/pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf
    v/bin/python make-tokenizers.py
"""
import base64, io, json, os, random, tempfile, zipfile
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
JAPANESE = """
共有フォルダの文書を意味で探すためのサーバーです。文書はすべて自分の組織の機械にとどまり、外へは送られません。
索引を作るときは、文書を読み取り、段落に分け、それぞれをベクトルに変えます。検索では質問もベクトルに変え、近いものを返します。
読む権利のない人には、その文書があることも見せません。権利が変われば、次の検索からすぐに効きます。
トークナイザは正規化、単語への分割、そして一番よい切り方を探す三つの段階からなります。ひらがな、カタカナ、漢字、ﾊﾝｶｸも読みます。
"""


def charsmap(rule="nmt_nfkc"):
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2 as proto

    with tempfile.TemporaryDirectory() as folder:
        text = os.path.join(folder, "text")
        Path(text).write_text("\n".join(f"a few words, line {i}" for i in range(200)))
        sentencepiece.SentencePieceTrainer.train(
            input=text, model_prefix=text, vocab_size=30, normalization_rule_name=rule, hard_vocab_limit=False,
            minloglevel=2)
        model = proto.ModelProto()
        model.ParseFromString(Path(text + ".model").read_bytes())
        return model.normalizer_spec.precompiled_charsmap


def pipelines(vocab, blob):
    """The steps around the same vocabulary, by name: as XLM-R's files have them, and as others do."""
    two = Regex(" {2,}")
    pre = normalizers.Precompiled(blob)
    split = pre_tokenizers.WhitespaceSplit
    meta = pre_tokenizers.Metaspace
    template = dict(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    mask = vocab["<mask>"]
    plain = [AddedToken(t, special=True, normalized=False) for t in ["<s>", "<pad>", "</s>", "<unk>"]]
    return {
        "xlm-roberta": (
            normalizers.Sequence([pre, normalizers.Replace(two, " ")]),
            pre_tokenizers.Sequence([split(), meta(prepend_scheme="always")]),
            processors.TemplateProcessing(**template),
            plain + [AddedToken("<mask>", special=True, lstrip=True, normalized=False)],
        ),
        "precompiled-only": (
            pre, pre_tokenizers.Sequence([split(), meta()]), processors.RobertaProcessing(("</s>", 2), ("<s>", 0)),
            plain + [AddedToken("<mask>", special=True, lstrip=True, normalized=True), AddedToken("Straße", rstrip=True),
                     AddedToken("mask", single_word=True), AddedToken("<<", lstrip=True, rstrip=True, normalized=False),
                     AddedToken("<<<", normalized=False), AddedToken("x™", normalized=True)],
        ),
        "strip-and-mark": (
            normalizers.Sequence([pre, normalizers.Strip(left=False, right=True), normalizers.Replace(two, "▁")]),
            meta(prepend_scheme="always"), processors.TemplateProcessing(**template),
            plain + [AddedToken("<mask>", special=True, lstrip=True, normalized=False)],
        ),
        "strip-both-never": (
            normalizers.Sequence([pre, normalizers.Strip(), normalizers.Replace(two, " ")]),
            meta(prepend_scheme="never"), processors.BertProcessing(("</s>", 2), ("<s>", 0)), plain,
        ),
        "whole-text": (
            None, meta(prepend_scheme="always", split=False), processors.TemplateProcessing(**template),
            [AddedToken("<mask>", special=True, normalized=False), AddedToken("  ", normalized=True)],
        ),
    }


def with_pipeline(tokenizer, pipeline):
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    normalizer, tokenizer.pre_tokenizer, tokenizer.post_processor, added = pipeline
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.add_special_tokens([t for t in added if t.special])
    tokenizer.add_tokens([t for t in added if not t.special])
    return tokenizer


FRAGMENTS = (
    list("aeiouAZ .,-_'\"()<>") + list("\t\n\r\0\x01\x7f\x85\xa0") + ["\r\n", "\n\r", "  ", "   ", " \t "]
    + list("éüßñçøÅİıſﬁﬃ™ℹ②½№℃㍿ﷺﷻ…─│") + list("\u0300\u0301\u0308\u0327\u0345\u0303\u20dd\u0338\u3099\u309a\ufe0f\u200d\u200c\u200b\u00ad\u2060\ufeff\u2028\u2029\u202e\u3000\u2003\u1680\u180e\ufffd\ufffc")
    + list("漢字日本語東京都大学検索文書かがきぎはばぱカガハパヴｶｷﾊﾞﾟｰ「」。、・々〆〇ー〜")
    + list("한국어가각힣각햏ㄱㅏ") + ["각", "각", "가\u0301", "가\u0301ᆨ"]
    + list("कखक़ख़ड़्ािीुূ্ரா்กำิ่ຳمرحبا\u064b\u0651\u0600\u06dd\u070f\u0d4eשלום\u05b0\u05bc\u05c1ﭏ")
    + ["क्", "क्ष", "क्क़\u0301", "क्\u200dक़\u0301", "क\u093cक़\u0301", "क्\u0903क़\u0301", "क्\u200cक़\u0301"]
    + list("ЁЙЖѐйΆώΩΩµ") + list("😀👍🏽👩👨🇯🇵🏴𝐀𝔘𝟘𠮷丽𝅗𝅥𑂽🄰🈂") + ["👩\u200d™\u0301", "👩\u200d👩", "🇯🇵\u0301", "™\u0301", "ℹ️", "😀\u0903\u200d™\u0301"]
    + ["²\u0301", "ｅ\u0301", "e\u0301", "a\u0302\u0301", "\u0600²", "\u0600\u0600²", "²\u064b\u064b", "½\u0301x", "ﬁ\u0308", "㍿\u0301", "\uff9e", "ｶﾞ", "ﾊﾟ", "A\u030a", "\u212b\u0301", "\u1e9b\u0323"]
    + list("\u1acf\u1add\u0897\u16d63\U00010d69\U0001e6e3\U00011bca\U000113b8\U000e0020\U0010fffd\ue000\uf8ff\u0378\ufdd0")
    + ["<s>", "</s>", "<pad>", "<unk>", "<mask>", " <mask>", "  <mask> ", "\u3000<mask>", "<mask", "mask", "<<", "<<<", "Straße", "Strasse", "x™", "xTM", "▁", "▁▁", " ▁", "▁a", "a▁b"]
    + ["search", "Server", "documents", "the", "index", "permission", "query", "1234", "3.14159", "https://example.com/a?b=c#d", "user@host", "共有フォルダ", "トークナイザ", "ﾄｰｸﾅｲｻﾞ", "ＡＢＣ１２３"]
)


def texts(count, seed, plain):
    """Nasty texts, `plain` ones among them."""
    rng = random.Random(seed)
    yield from ["", " ", "  ", "\n", "\0", "▁", "▁▁", " ▁", "a", "a ", " a", "a  b", "\u200b", "\u200ba", " \u200b a", "<mask>", "a<mask>b", "a <mask> b", "<mask><mask>", "\u0301", "\u0301a", "a" * 300, "漢" * 300, "\u0301" * 40, "е\u0301" * 30]
    for _ in range(count):
        kind = rng.random()
        if kind < 0.2:
            line = rng.choice(plain)
            start = rng.randrange(max(1, len(line) - 10))
            yield line[start:start + rng.randrange(1, 90)]
        elif kind < 0.75:
            yield "".join(rng.choice(FRAGMENTS) for _ in range(rng.randrange(1, 14)))
        elif kind < 0.9:
            yield " ".join("".join(rng.choice(FRAGMENTS) for _ in range(rng.randrange(1, 5))) for _ in range(rng.randrange(1, 6)))
        else:
            top = rng.choice([0x250, 0x3000, 0x10000, 0x20000])
            yield "".join(c for c in (chr(rng.randrange(top)) for _ in range(rng.randrange(1, 12))) if not 0xd800 <= ord(c) < 0xe000)


def wordpieces(vocab):
    """WordPiece tokenizers of the same vocabulary, by name."""
    template = dict(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    other = dict(single="[Q] $A [MASK]", pair="[Q] $A $B [MASK]", special_tokens=[("[Q]", len(vocab)), ("[MASK]", 4)])
    basic = [AddedToken(t, special=True, normalized=False) for t in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]]
    question = [AddedToken("[Q]", special=True, normalized=False), AddedToken("<<<", special=True, normalized=False)]
    conditions = [
        AddedToken("[Q]", special=True, lstrip=True, rstrip=True, normalized=False), AddedToken("<<<", normalized=False),
        AddedToken("Straße", rstrip=True), AddedToken("mask", single_word=True), AddedToken("Query", lstrip=True),
        AddedToken("東京都"), AddedToken("é"), AddedToken("<<", normalized=False, single_word=True)]
    bert = normalizers.BertNormalizer
    shapes = {
        "uncased": (bert(), template, basic, {}),
        "cased": (bert(lowercase=False), template, basic, {}),
        "cased-stripped": (bert(lowercase=False, strip_accents=True), template, basic, {}),
        "lower-accents": (bert(lowercase=True, strip_accents=False), template, basic, {}),
        "joined-ideographs": (bert(handle_chinese_chars=False, clean_text=False), template, basic, {}),
        "other-ends": (bert(), other, basic + question, {"max_input_chars_per_word": 10}),
        "conditions": (bert(), template, basic + conditions, {}),
        "conditions-cased": (bert(lowercase=False), template, basic + conditions, {"max_input_chars_per_word": 3}),
    }
    for name, (normalizer, ends, added, options) in shapes.items():
        one = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", **options))
        one.normalizer = normalizer
        one.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        one.add_special_tokens([t for t in added if t.special])
        one.add_tokens([t for t in added if not t.special])
        one.post_processor = processors.TemplateProcessing(**ends)
        yield name, one


def wordpiece(plain):
    trained = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    trained.normalizer = normalizers.BertNormalizer(lowercase=False)
    trained.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trained.train_from_iterator(
        plain + [line.lower() for line in plain],
        trainers.WordPieceTrainer(vocab_size=900, special_tokens=specials, show_progress=False))
    vocab = trained.get_vocab()
    forms, lines = {"vocab": sorted(vocab, key=vocab.get)}, []
    for number, (name, one) in enumerate(wordpieces(vocab)):
        form = json.loads(one.to_str())
        del form["model"]["vocab"]
        forms[name] = form
        for text in texts(50, 2000 + number, plain):
            text = text.replace("<mask>", "[MASK]").replace("<s>", "[Q]")
            lines.append(json.dumps({"pipeline": name, "text": text, "ids": one.encode(text).ids}, separators=(",", ":")))
    (HERE / "wordpiece-tokenizers.json").write_text(json.dumps(forms, ensure_ascii=False) + "\n")
    (HERE / "wordpiece-texts.jsonl").write_text("\n".join(lines) + "\n")


def main():
    own = [p.read_text() for p in sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])] + [JAPANESE]
    plain = [line for text in own for line in text.split("\n") if line.strip()]
    wordpiece(plain)
    blob = charsmap()
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Precompiled(blob)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        plain, trainers.UnigramTrainer(vocab_size=1500, special_tokens=specials, unk_token="<unk>", show_progress=False))
    form = json.loads(tokenizer.to_str())
    form["model"]["vocab"].append(["<mask>", 0.0])
    form["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(form))
    assert form["model"]["unk_id"] == 3

    with zipfile.ZipFile(HERE / "unigram.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in [("modules.json", "[]"), ("tokenizer.json", tokenizer.to_str())]:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 9)
    forms, lines = {}, []
    share = dict(zip(["xlm-roberta", "precompiled-only", "strip-and-mark", "strip-both-never", "whole-text"], [330, 120, 70, 60, 60]))
    for number, (name, pipeline) in enumerate(pipelines(tokenizer.get_vocab(), blob).items()):
        one = with_pipeline(tokenizer, pipeline)
        form = json.loads(one.to_str())
        form = {k: form[k] for k in ["normalizer", "pre_tokenizer", "post_processor", "added_tokens"]}
        # The charsmap is in the zip.
        forms[name] = json.loads(json.dumps(form).replace(base64.b64encode(blob).decode(), "…"))
        for text in texts(share[name], 1000 + number, plain):
            lines.append(json.dumps({"pipeline": name, "text": text, "ids": one.encode(text).ids}, separators=(",", ":")))
    (HERE / "unigram-pipelines.json").write_text(json.dumps(forms, indent=1, ensure_ascii=False) + "\n")
    (HERE / "unigram-texts.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
