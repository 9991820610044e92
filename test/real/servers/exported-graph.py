"""Hold `prepare.py --onnx` against numpy: a small export as Hugging Face's tools make them.

    python exported-graph.py SERVERS_MODELS_FOLDER EMPTY_FOLDER
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

models, folder = Path(sys.argv[1]), Path(sys.argv[2])
source = folder / "tiny"
(source / "onnx").mkdir(parents=True)
generator = np.random.default_rng(1)
words = generator.standard_normal((50, 6)).astype(np.float32)
segments = generator.standard_normal((2, 6)).astype(np.float32)


def information(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, shape)


def export(output, *, with_segments):
    """A vector a token: that of its word and that of its segment."""
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if with_segments else [])]
    nodes = [helper.make_node("Gather", ["words", "input_ids"], ["of_words"])]
    if with_segments:
        nodes.append(helper.make_node("Gather", ["segments", "token_type_ids"], ["of_segments"]))
        nodes.append(helper.make_node("Add", ["of_words", "of_segments"], [output]))
    else:
        nodes.append(helper.make_node("Identity", ["of_words"], [output]))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [information(name, TensorProto.INT64, "batch", "length") for name in names],
        [information(output, TensorProto.FLOAT, "batch", "length", 6)],
        [numpy_helper.from_array(words, "words"), numpy_helper.from_array(segments, "segments")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, source / "onnx" / "model.onnx")


def prepare(path, out):
    command = [sys.executable, models / "prepare.py", "--onnx", path, "--out", folder / out]
    return subprocess.run(command, capture_output=True, text=True)


config = {"hidden_size": 6, "max_position_embeddings": 16}
(source / "config.json").write_text(json.dumps(config), encoding="utf-8")
(source / "tokenizer.json").write_bytes((models / "tokenizer.json").read_bytes())

ids = np.array([[3, 9, 4, 0], [7, 0, 0, 0]])
mask = np.array([[1, 1, 1, 0], [1, 0, 0, 0]])
for with_segments in (True, False):
    export("last_hidden_state", with_segments=with_segments)
    out = f"prepared-{with_segments}"
    done = prepare(source, out)
    assert done.returncode == 0, done.stderr
    assert "is complete" in prepare(source, out).stdout
    session = onnxruntime.InferenceSession(folder / out / "model.onnx")
    assert {given.name for given in session.get_inputs()} == {"input_ids", "attention_mask"}
    found = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    vectors = words[ids] + (segments[0] if with_segments else 0)
    means = (vectors * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    assert np.allclose(found, expected, atol=1e-6), (found, expected)
    named = json.loads((folder / out / "config.json").read_text(encoding="utf-8"))
    assert named["_name_or_path"] == "tiny"
    # What is prepared can be prepared again, and stays what it is.
    assert prepare(folder / out, f"{out}-again").returncode == 0

export("logits", with_segments=False)
refused = prepare(source, "refused")
assert refused.returncode == 1, refused.stdout
assert "gives logits, none of sentence_embedding, last_hidden_state" in refused.stderr
missing = prepare(folder / "nothing", "refused")
assert "is no file and has no model.onnx" in missing.stderr
print("held")
