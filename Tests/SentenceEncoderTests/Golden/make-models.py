#!/usr/bin/env python3
"""Makes the small models of this folder's models/ and their golden vectors, with sentence-transformers itself.

    pip install sentence-transformers transformers torch
    python make-models.py

Each is a folder as `SentenceTransformer.save` writes it, zipped: random weights, two layers, every kind of part that
an import reads. `golden.json` holds, for each model, what `encode` returns for `texts` (as they are, and as queries and
passages where the model has prompts), scaled to length 1, and the token ids of each text.
"""

import json
import os
import shutil
import tempfile
import zipfile

import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Dense, Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizer, XLMRobertaConfig, XLMRobertaModel, XLMRobertaTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "models")

WORDS = (
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##s", "##ing", "##ed", "the", "cat", "dog", "sing", "walk", "猫", "犬", "."]
    + [c for c in "abcdefghijklmnopqrstuvwxyz:"]
    + ["##" + c for c in "abcdefghijklmnopqrstuvwxyz"]
)
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.5), ("▁the", -3.0), ("▁cat", -4.0),
          ("▁dog", -4.25), ("s", -4.5), ("ing", -4.75), ("▁sing", -5.0), ("猫", -5.5), ("が", -5.25), ("歌う", -6.0),
          ("▁query", -6.5), ("▁passage", -6.75), (":", -5.0), (".", -4.0)]
PIECES += [(c, -7.0 - i / 16) for i, c in enumerate("abcdefghijklmnopqrtuvwxyz犬。")] + [("<mask>", 0.0)]

TEXTS = ["the cat sings", "", "The dogs walked: the cat.", "猫が歌う。", "a", "unknown Ωmega ☃",
         "the dog sings the cat sings the dog walks the cat walks the dog sings again and again and again"]

SHAPE = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, hidden_dropout_prob=0.0,
             attention_probs_dropout_prob=0.0)


def randomise(module, seed):
    """Larger numbers than a fresh model's, so that nothing is lost in what is added around it."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in module.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            norm = "LayerNorm.weight" in name
            value.copy_(1 + 0.2 * noise if norm else noise * (0.6 if "embeddings" in name else 0.25))


def bert(seed, directory, tokenizer, **changes):
    size = len(WORDS) if tokenizer == "wordpiece" else len(PIECES)
    config = BertConfig(**{**SHAPE, "vocab_size": size, "max_position_embeddings": 24, **changes})
    return save(BertModel(config), seed, directory, tokenizer)


def xlm_roberta(seed, directory, tokenizer, **changes):
    config = XLMRobertaConfig(**{**SHAPE, "vocab_size": len(PIECES), "max_position_embeddings": 26, "type_vocab_size": 1,
                                 "layer_norm_eps": 1e-5, **changes})
    return save(XLMRobertaModel(config), seed, directory, tokenizer)


def save(model, seed, directory, tokenizer):
    randomise(model, seed)
    model.save_pretrained(directory)
    if tokenizer == "wordpiece":
        made = BertTokenizer(vocab={piece: i for i, piece in enumerate(WORDS)}, model_max_length=20)
    else:
        made = XLMRobertaTokenizer(vocab=PIECES, model_max_length=20)
    made.save_pretrained(directory)
    return Transformer(directory)


def to_type(path, dtype):
    tensors = {name: value.to(dtype).contiguous() for name, value in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "pt"})


def shard(folder):
    """Splits model.safetensors in two, as a large model's is."""
    path = os.path.join(folder, "model.safetensors")
    tensors = load_file(path)
    index = {}
    for part, names in enumerate([list(tensors)[0::2], list(tensors)[1::2]]):
        name = f"model-{part + 1:05}-of-00002.safetensors"
        save_file({key: tensors[key] for key in names}, os.path.join(folder, name), metadata={"format": "pt"})
        index.update({key: name for key in names})
    with open(path + ".index.json", "w") as file:
        json.dump({"metadata": {"total_size": 0}, "weight_map": index}, file)
    os.remove(path)


def rows(vectors):
    vectors = torch.nn.functional.normalize(torch.as_tensor(vectors, dtype=torch.float64), dim=1)
    return [[round(float(x), 8) for x in row] for row in vectors]


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float32)
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(OUT)
    e5 = {"query": "query: ", "passage": "passage: "}
    document = {"query": "the query: ", "document": "the dog: "}
    tanh, identity = torch.nn.Tanh(), torch.nn.Identity()
    F32, F16, BF16 = torch.float32, torch.float16, torch.bfloat16
    # name, transformer, its changes, tokenizer, pooling, dense (outputs, activation, bias), normalize, prompts, type, sharded
    kinds = [
        ("bert-mean-f32", bert, {}, "wordpiece", "mean", [], True, {}, F32, False),
        ("bert-cls-dense-bf16", bert, {"hidden_act": "gelu_new"}, "wordpiece", "cls", [(20, tanh, True)], True, document, BF16, False),
        ("bert-sqrt-relu-f16", bert, {"hidden_act": "relu"}, "wordpiece", "mean_sqrt_len_tokens", [], False, {}, F16, False),
        ("bert-unigram-sharded-f16", bert, {}, "unigram", "mean", [], True, e5, F16, True),
        ("xlmr-mean-bf16", xlm_roberta, {}, "unigram", "mean", [], True, e5, BF16, False),
        ("xlmr-max-dense-f16", xlm_roberta, {}, "unigram", "max", [(40, torch.nn.GELU(), False), (24, identity, True)], False, {}, F16, False),
        ("xlmr-cls-f16", xlm_roberta, {}, "unigram", "cls", [], False, document, F16, False),
    ]
    golden = {"texts": TEXTS, "models": []}
    for seed, (name, family, changes, tokenizer, pooling, dense, normalize, prompts, dtype, sharded) in enumerate(kinds):
        with tempfile.TemporaryDirectory() as work:
            transformer = family(seed + 1, os.path.join(work, "transformer"), tokenizer, **changes)
            modules = [transformer, Pooling(SHAPE["hidden_size"], pooling)]
            width = SHAPE["hidden_size"]
            for step, (outputs, activation, bias) in enumerate(dense):
                modules.append(Dense(width, outputs, bias=bias, activation_function=activation))
                randomise(modules[-1], 100 * seed + step)
                width = outputs
            if normalize:
                modules.append(Normalize())
            folder = os.path.join(work, name)
            SentenceTransformer(modules=modules, prompts=prompts).save(folder, create_model_card=False)
            for root, _, files in os.walk(folder):
                for file in files:
                    if file.endswith(".safetensors"):
                        to_type(os.path.join(root, file), dtype)
            if sharded:
                shard(folder)
            model = SentenceTransformer(folder, device="cpu", model_kwargs={"dtype": "float32"})
            model.float()
            encode = lambda **more: rows(model.encode(TEXTS, batch_size=1, **more))
            entry = {"name": name, "plain": encode(),
                     "ids": [model.tokenizer(text, truncation=True, max_length=model.max_seq_length)["input_ids"] for text in TEXTS]}
            if prompts:
                # encode_document takes the empty "document" that every saved model has before "passage".
                entry["query"] = encode(prompt_name="query")
                entry["passage"] = encode(prompt_name="passage" if "passage" in prompts else "document")
            golden["models"].append(entry)
            with zipfile.ZipFile(os.path.join(OUT, name + ".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
                for root, _, files in sorted(os.walk(folder)):
                    for file in sorted(files):
                        path = os.path.join(root, file)
                        # A fixed date, so that the archive is the same each time.
                        info = zipfile.ZipInfo(os.path.relpath(path, work), (2026, 1, 1, 0, 0, 0))
                        info.compress_type = zipfile.ZIP_DEFLATED
                        with open(path, "rb") as source:
                            archive.writestr(info, source.read())
    with open(os.path.join(OUT, "golden.json"), "w") as file:
        json.dump(golden, file, ensure_ascii=True)
        file.write("\n")


main()
