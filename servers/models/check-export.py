"""Hold `model.onnx` against a second computation of the same embeddings, written from the formulas.

The other side is numpy in float64: one text at a time and one head at a time, without padding, so
that mistakes in padding, masks and reshapes show. Every embedding must have length 1. A quantized
model is held to a cosine only.

    python check-export.py [MODEL_DIR]
"""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from safetensors.numpy import load_file
from tokenizers import Tokenizer

TOLERANCE = 5e-6
"""Rounding alone gives 4e-8; the tanh approximation of GELU for the exact one gives 1e-5."""
INT8_COSINE = 0.99
TEXTS = [
    "short",
    "The server answers each request, and the client notes when.",
    " ".join(
        f"word {number} of a text that is much longer than its neighbours" for number in range(18)
    ),
    "",
]


def layer_norm(x: np.ndarray, scale: np.ndarray, bias: np.ndarray, epsilon: float) -> np.ndarray:
    """Normalise each row."""
    centred = x - x.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    return centred / np.sqrt(variance + epsilon) * scale + bias


def softmax(x: np.ndarray) -> np.ndarray:
    """Turn each row into shares."""
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


gelu = np.vectorize(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))))


class Reference:
    """BERT with mean pooling for one unpadded text."""

    def __init__(self, folder: Path) -> None:
        self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())
        stored: Mapping[str, np.ndarray] = load_file(folder / "model.safetensors")
        self.weights = {name: value.astype(np.float64) for name, value in stored.items()}

    def dense(self, x: np.ndarray, name: str) -> np.ndarray:
        """Multiply by a stored matrix and add its bias."""
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, x: np.ndarray, name: str) -> np.ndarray:
        """Normalise with stored scale and bias."""
        scale, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return layer_norm(x, scale, bias, self.config["layer_norm_eps"])

    def attention(self, x: np.ndarray, name: str) -> np.ndarray:
        """Attend head by head, with the residual."""
        heads = self.config["num_attention_heads"]
        width = x.shape[1] // heads
        parts = [self.dense(x, f"{name}.self.{part}") for part in ("query", "key", "value")]
        mixed = []
        for head in range(heads):
            query, key, value = (p[:, head * width : (head + 1) * width] for p in parts)
            mixed.append(softmax(query @ key.T / math.sqrt(width)) @ value)
        output = self.dense(np.concatenate(mixed, axis=1), f"{name}.output.dense")
        return self.norm(output + x, f"{name}.output.LayerNorm")

    def embed(self, ids: list[int]) -> np.ndarray:
        """Return the unit-length embedding of one text."""
        words = self.weights["embeddings.word_embeddings.weight"][ids]
        positions = self.weights["embeddings.position_embeddings.weight"][: len(ids)]
        segment = self.weights["embeddings.token_type_embeddings.weight"][0]
        x = self.norm(words + positions + segment, "embeddings.LayerNorm")
        for index in range(self.config["num_hidden_layers"]):
            layer = f"encoder.layer.{index}"
            x = self.attention(x, f"{layer}.attention")
            inner = gelu(self.dense(x, f"{layer}.intermediate.dense"))
            x = self.norm(
                self.dense(inner, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm"
            )
        mean = x.mean(axis=0)
        return mean / np.sqrt((mean**2).sum())


def run_onnx(folder: Path) -> tuple[np.ndarray, list[list[int]]]:
    """Embed all texts as one padded batch; return embeddings and the unpadded ids."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=256)
    unpadded = [encoding.ids for encoding in tokenizer.encode_batch(TEXTS)]
    tokenizer.enable_padding()
    encodings = tokenizer.encode_batch(TEXTS)
    feed = {
        "input_ids": np.array([encoding.ids for encoding in encodings], np.int64),
        "attention_mask": np.array([encoding.attention_mask for encoding in encodings], np.int64),
    }
    session = onnxruntime.InferenceSession(
        folder / "model.onnx", providers=["CPUExecutionProvider"]
    )
    return session.run(["sentence_embedding"], feed)[0], unpadded


def main() -> int:
    """Print what was compared; the exit code says whether it holds."""
    default = Path.home() / ".cache/loadgen/models/minilm-random-1"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    quantized = json.loads((folder / "prepared.json").read_text())["quantize"]
    actual, ids = run_onnx(folder)
    reference = Reference(folder)
    expected = np.stack([reference.embed(text_ids) for text_ids in ids])
    difference = float(np.abs(actual - expected).max())
    cosines = (actual * expected).sum(axis=1)
    stretch = float(np.abs(np.linalg.norm(actual, axis=1) - 1).max())
    others = (actual @ actual.T)[~np.eye(len(ids), dtype=bool)]
    print(f"{folder.name}: {len(ids)} texts of {[len(text) for text in ids]} tokens")
    print(
        f"largest difference to the reference {difference:.2e}, cosine at least {cosines.min():.6f}"
    )
    print(f"norms differ from 1 by at most {stretch:.2e}")
    print(f"cosine of different texts {others.min():.3f} to {others.max():.3f}")
    close = cosines.min() > INT8_COSINE if quantized else difference < TOLERANCE
    return 0 if close and stretch < TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
