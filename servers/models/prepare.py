"""Prepare the folder that the embedding servers read: weights, ONNX graph, tokenizer.

Without a model hub and without PyTorch: seeded random weights in the shape of MiniLM (what a
request costs depends on shapes, not on values), a checkpoint folder of your own, or a graph that
was exported elsewhere.

    python prepare.py [--out DIR] [--checkpoint DIR | --onnx PATH] [--quantize] [--seed N]

A folder that is complete and was made with the same arguments is left alone. A new one is written
under a temporary name and then renamed, so that no server ever sees half of it.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from onnx_checkpoint import GraphError, find_beside, find_graph, read_graph
from onnx_graph import build_onnx

HERE = Path(__file__).parent
VERSION = (HERE / "VERSION").read_text(encoding="utf-8").strip()
FILES = ["model.safetensors", "config.json", "model.onnx", "tokenizer.json", "prepared.json"]
WEIGHT_SPREAD = 0.02

MINILM = {
    "_name_or_path": "minilm-random",
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "hidden_act": "gelu",
    "vocab_size": 30522,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "position_embedding_type": "absolute",
    "pad_token_id": 0,
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "initializer_range": WEIGHT_SPREAD,
    "torch_dtype": "float32",
}
SHAPE_KEYS = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"),
    *("vocab_size", "max_position_embeddings"),
)


class PrepareError(Exception):
    """Something the caller can put right; the message says what."""


def weight_shapes(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every weight of Hugging Face's `BertModel`."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (config["vocab_size"], hidden),
        "embeddings.position_embeddings.weight": (config["max_position_embeddings"], hidden),
        "embeddings.token_type_embeddings.weight": (config["type_vocab_size"], hidden),
    }

    def block(name: str, *weight: int) -> None:
        shapes[f"{name}.weight"] = weight
        shapes[f"{name}.bias"] = weight[:1]

    block("embeddings.LayerNorm", hidden)
    for index in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{index}"
        for part in ("query", "key", "value"):
            block(f"{layer}.attention.self.{part}", hidden, hidden)
        block(f"{layer}.attention.output.dense", hidden, hidden)
        block(f"{layer}.attention.output.LayerNorm", hidden)
        block(f"{layer}.intermediate.dense", inner, hidden)
        block(f"{layer}.output.dense", hidden, inner)
        block(f"{layer}.output.LayerNorm", hidden)
    block("pooler.dense", hidden, hidden)
    return shapes


def random_weights(config: Mapping[str, Any], seed: int) -> dict[str, np.ndarray]:
    """Draw every weight, biases too, so that one forgotten by an exporter changes the result."""
    generator = np.random.Generator(np.random.PCG64(seed))
    weights = {}
    for name, shape in weight_shapes(config).items():
        values = generator.standard_normal(shape, dtype=np.float32) * np.float32(WEIGHT_SPREAD)
        weights[name] = values + np.float32(name.endswith("LayerNorm.weight"))
    return weights


def read_checkpoint(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read weights as float32, and configuration, of a BERT checkpoint; refuse any other kind."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        loaded = load_file(folder / "model.safetensors")
    except (OSError, ValueError, SafetensorError) as error:
        raise PrepareError(f"cannot read the checkpoint {folder}: {error}") from error
    for key, default in MINILM.items():
        if key in ("hidden_act", "position_embedding_type", "layer_norm_eps", "type_vocab_size"):
            config.setdefault(key, default)
    for key in ("hidden_act", "position_embedding_type", "model_type"):
        if config.get(key) != MINILM[key]:
            raise PrepareError(f"{folder}: {key} is {config.get(key)!r}, not {MINILM[key]!r}")
    absent = [key for key in SHAPE_KEYS if not isinstance(config.get(key), int)]
    if absent:
        raise PrepareError(f"{folder}: config.json has no number for {', '.join(absent)}")
    config["_name_or_path"] = config.get("_name_or_path") or folder.resolve().name
    weights = {name.removeprefix("bert."): value for name, value in loaded.items()}
    return checked_weights(weights, config), config


def checked_weights(
    weights: Mapping[str, np.ndarray], config: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Return the encoder's weights as float32 after a check of names and shapes."""
    checked = {}
    for name, shape in weight_shapes(config).items():
        if name.startswith("pooler.") and name not in weights:
            continue
        if name not in weights:
            raise PrepareError(f"the checkpoint has no weight {name}")
        if weights[name].shape != shape:
            raise PrepareError(f"weight {name} is {weights[name].shape}, config says {shape}")
        checked[name] = weights[name].astype(np.float32)
    return checked


def write_folder(folder: Path, arguments: argparse.Namespace) -> None:
    """Write all files of a prepared model into an existing folder."""
    if arguments.onnx is not None:
        write_exported(folder, arguments)
        return
    if arguments.checkpoint is None:
        weights, config = random_weights(MINILM, arguments.seed), dict(MINILM)
        tokenizer = HERE / "tokenizer.json"
    else:
        weights, config = read_checkpoint(arguments.checkpoint)
        tokenizer = arguments.checkpoint / "tokenizer.json"
    if not tokenizer.is_file():
        raise PrepareError(f"{tokenizer} is missing")
    if arguments.quantize:
        # Servers answer with this name, and int8 is another model.
        config["_name_or_path"] += "-int8"
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    write_json(folder / "config.json", config)
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    write_graph(folder / "model.onnx", build_onnx(weights, config), arguments.quantize)
    write_json(folder / "prepared.json", recipe_of(arguments))
    for name in FILES:
        (folder / name).chmod(0o644)  # safetensors writes for its owner alone


def write_exported(folder: Path, arguments: argparse.Namespace) -> None:
    """Write the files of a graph that was exported elsewhere, which has its weights inside."""
    graph = find_graph(arguments.onnx)
    config = json.loads(find_beside(graph, "config.json").read_text(encoding="utf-8"))
    absent = [key for key in ("hidden_size", "max_position_embeddings") if key not in config]
    if absent:
        raise PrepareError(f"{graph}: config.json has no {', '.join(absent)}")
    config["_name_or_path"] = config.get("_name_or_path") or arguments.onnx.resolve().stem
    if arguments.quantize:
        config["_name_or_path"] += "-int8"
    write_json(folder / "config.json", config)
    shutil.copyfile(find_beside(graph, "tokenizer.json"), folder / "tokenizer.json")
    write_graph(folder / "model.onnx", read_graph(graph), arguments.quantize)
    write_json(folder / "prepared.json", recipe_of(arguments))


def files_of(recipe: Mapping[str, Any]) -> list[str]:
    """Return the files of a complete folder; a graph from elsewhere holds its weights itself."""
    return [name for name in FILES if name != "model.safetensors" or "onnx" not in recipe]


def write_graph(path: Path, model: onnx.ModelProto, quantize: bool) -> None:
    """Save the graph, with int8 weights and activations quantized on the fly if asked for."""
    if not quantize:
        onnx.save(model, path)
        return
    float_path = path.with_suffix(".float.onnx")
    onnx.save(model, float_path)
    quantize_dynamic(float_path, path, weight_type=QuantType.QInt8)
    float_path.unlink()


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write an object for people and programs."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def recipe_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what decides the content of the folder."""
    checkpoint = arguments.checkpoint and str(arguments.checkpoint.resolve())
    if arguments.onnx is not None:
        exported = str(find_graph(arguments.onnx).resolve())
        return {"version": VERSION, "onnx": exported, "quantize": arguments.quantize}
    seed = None if checkpoint else arguments.seed
    return {
        "version": VERSION,
        "checkpoint": checkpoint,
        "seed": seed,
        "quantize": arguments.quantize,
    }


def is_prepared(folder: Path, recipe: Mapping[str, Any]) -> bool:
    """Say whether the folder is complete; refuse one that holds something else."""
    if not folder.exists() or not any(folder.iterdir()):
        return False
    missing = [name for name in files_of(recipe) if not (folder / name).is_file()]
    if missing:
        raise PrepareError(f"{folder} is not empty and lacks {', '.join(missing)}; remove it")
    found = json.loads((folder / "prepared.json").read_text(encoding="utf-8"))
    if found != recipe:
        raise PrepareError(f"{folder} holds another model ({found}); choose another --out")
    return True


def prepare(arguments: argparse.Namespace) -> str:
    """Prepare the folder unless it is there; return what was done."""
    out: Path = arguments.out or default_folder(arguments)
    if is_prepared(out, recipe_of(arguments)):
        return f"{out} is complete"
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as temporary:
        folder = Path(temporary) / out.name
        folder.mkdir()
        write_folder(folder, arguments)
        try:
            folder.rename(out)
        except OSError:
            # Somebody else may have prepared the same model meanwhile; then theirs will do.
            if not is_prepared(out, recipe_of(arguments)):
                raise
    return f"wrote {out}"


def default_folder(arguments: argparse.Namespace) -> Path:
    """Return the folder in loadgen's cache for a model of this kind and version."""
    cache = Path(os.environ.get("LOADGEN_CACHE") or Path.home() / ".cache" / "loadgen")
    given = arguments.checkpoint or arguments.onnx
    name = given.resolve().name.removesuffix(".onnx") if given else MINILM["_name_or_path"]
    seed = "" if given or arguments.seed == 1 else f"-seed{arguments.seed}"
    return cache / "models" / f"{name}{seed}-{VERSION}{'-int8' if arguments.quantize else ''}"


def main() -> int:
    """Parse arguments, prepare, say what was done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="folder to write (default: in loadgen's cache)")
    sources = parser.add_mutually_exclusive_group()
    sources.add_argument("--checkpoint", type=Path, help="folder of a BERT checkpoint to convert")
    sources.add_argument("--onnx", type=Path, help="model.onnx or its folder, exported elsewhere")
    parser.add_argument("--quantize", action="store_true", help="int8 instead of float32")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random weights")
    try:
        print(prepare(parser.parse_args()))
    except (PrepareError, GraphError) as error:
        print(f"prepare.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
