"""Encodes the lines of a file with sentence-transformers and ONNX Runtime (float32, and int8 by dynamic quantization).

Prints one JSON object: tokens a second of processor time for each, tokenizing counted, and for int8 the mean cosine to
float32. Texts are sorted by length and encoded 32 at a time, as both libraries advise. Run it by
scripts/bench-encode-peers.
"""

import argparse
import json
import os
import pathlib
import tempfile
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--model", required=True, help="a sentence-transformers folder")
arguments.add_argument("--file", required=True)
arguments.add_argument("--limit", type=int, required=True)
arguments.add_argument("--threads", type=int, required=True)
arguments = arguments.parse_args()
os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer

torch.set_num_threads(arguments.threads)
model = SentenceTransformer(arguments.model, device="cpu")
longest = model.max_seq_length
tokenizer = model.tokenizer
network = model[0].auto_model.eval()
with open(arguments.file, encoding="utf-8") as lines:
    texts = [line.rstrip("\n") for line in lines][: arguments.limit]
lengths = [len(ids) for ids in tokenizer(texts, truncation=True, max_length=longest)["input_ids"]]
texts = [texts[i] for i in sorted(range(len(texts)), key=lengths.__getitem__)]
batches = [texts[i : i + 32] for i in range(0, len(texts), 32)]


def measure(encode):
    """The rows, and tokens a second of processor time."""
    encode(batches[len(batches) // 2])
    start = time.process_time()
    rows = numpy.concatenate([encode(batch) for batch in batches])
    return rows, sum(lengths) / (time.process_time() - start)


class Hidden(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.network = network

    def forward(self, input_ids, attention_mask):
        return self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def tokenize(batch, kind):
    return tokenizer(batch, padding=True, truncation=True, max_length=longest, return_tensors=kind)


def by_onnx(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def encode(batch):
        inputs = tokenize(batch, "np")
        mask = inputs["attention_mask"].astype(numpy.int64)
        ids = inputs["input_ids"].astype(numpy.int64)
        hidden = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        mask = mask[..., None].astype(numpy.float32)
        rows = (hidden * mask).sum(1) / mask.sum(1)
        return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)

    return encode


report = {"texts": len(texts), "tokens": sum(lengths), "threads": arguments.threads}
reference, rate = measure(
    lambda batch: model.encode(batch, batch_size=32, normalize_embeddings=True, show_progress_bar=False))
report["sentence-transformers"] = round(rate)
with tempfile.TemporaryDirectory() as folder:
    whole, small = pathlib.Path(folder, "float32.onnx"), pathlib.Path(folder, "int8.onnx")
    example = tokenize(batches[0], "pt")
    axes = {0: "batch", 1: "sequence"}
    torch.onnx.export(
        Hidden(), (example["input_ids"], example["attention_mask"]), str(whole), opset_version=17, dynamo=False,
        input_names=["input_ids", "attention_mask"], output_names=["hidden"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "hidden": axes})
    quantize_dynamic(str(whole), str(small), weight_type=QuantType.QInt8)
    report["onnxruntime-float32"] = round(measure(by_onnx(whole))[1])
    rows, rate = measure(by_onnx(small))
    report["onnxruntime-int8"] = round(rate)
    report["onnxruntime-int8-mean-cosine"] = round(float((rows * reference).sum(1).mean()), 4)
print(json.dumps(report))
