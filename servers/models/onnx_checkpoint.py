"""A graph that somebody else exported, brought into the form that the embedding servers run.

They give token ids and a mask and want one vector of length 1 a text. Exports of Hugging Face's
tools give a vector a token, and ask for segment ids, which are all 0 for a text alone.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

IDS, MASK, SEGMENTS = "input_ids", "attention_mask", "token_type_ids"
POOLED = "sentence_embedding"
TOKEN_VECTORS = ("last_hidden_state", "token_embeddings")
OLDEST_OPSET = 13
"""From here on `Unsqueeze` and `ReduceSum` take their axes as an input."""


class GraphError(Exception):
    """The graph is none that the servers can run; the message says why."""


def find_graph(path: Path) -> Path:
    """Return the graph that a path names: a file, or `model.onnx` in a folder or its `onnx`."""
    for place in (path, path / "model.onnx", path / "onnx" / "model.onnx"):
        if place.is_file():
            return place
    raise GraphError(f"{path} is no file and has no model.onnx")


def find_beside(graph: Path, name: str) -> Path:
    """Return a file that belongs to a graph: beside it, or one folder up where that is `onnx`."""
    places = [graph.parent, graph.parent.parent] if graph.parent.name == "onnx" else [graph.parent]
    for place in places:
        if (place / name).is_file():
            return place / name
    raise GraphError(f"{graph.parent / name} is missing")


def read_graph(path: Path) -> onnx.ModelProto:
    """Load a graph, mean pooling and L2 norm added where it gives a vector a token."""
    try:
        model = onnx.load(path)
    except Exception as error:  # protobuf and onnx raise plain Exception for what is no graph
        raise GraphError(f"cannot read {path}: {error}") from error
    inputs = {given.name for given in model.graph.input}
    inputs -= {constant.name for constant in model.graph.initializer}
    if not {IDS, MASK} <= inputs <= {IDS, MASK, SEGMENTS}:
        found = ", ".join(sorted(inputs))
        raise GraphError(f"{path} takes {found}, not {IDS} and {MASK}")
    outputs = [output.name for output in model.graph.output]
    vectors = next((name for name in TOKEN_VECTORS if name in outputs), None)
    if POOLED not in outputs and vectors is None:
        expected = ", ".join((POOLED, *TOKEN_VECTORS))
        raise GraphError(f"{path} gives {', '.join(outputs)}, none of {expected}")
    if SEGMENTS in inputs:
        _fill_segments(model.graph)
    if POOLED not in outputs:
        _pool(model, vectors)
    pooled = next(output for output in model.graph.output if output.name == POOLED)
    del model.graph.output[:]
    model.graph.output.append(pooled)
    onnx.checker.check_model(model)
    return model


def _fill_segments(graph: onnx.GraphProto) -> None:
    kept = [given for given in graph.input if given.name != SEGMENTS]
    del graph.input[:]
    graph.input.extend(kept)
    # Zeros in the shape of the ids.
    graph.node.insert(0, helper.make_node("Sub", [IDS, IDS], [SEGMENTS], name="loadgen/segments"))


def _pool(model: onnx.ModelProto, vectors: str) -> None:
    opset = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    if opset < OLDEST_OPSET:
        raise GraphError(f"opset {opset} of the graph is older than {OLDEST_OPSET}")
    graph = model.graph
    for name, axis in (("first", 1), ("last", -1)):
        axes = numpy_helper.from_array(np.array([axis], np.int64), f"loadgen/{name}")
        graph.initializer.append(axes)

    def node(kind: str, inputs: list[str], output: str, **attributes: int) -> None:
        made = helper.make_node(kind, inputs, [output], name=f"{output}/node", **attributes)
        graph.node.append(made)

    node("Cast", [MASK], "loadgen/mask", to=TensorProto.FLOAT)
    node("Unsqueeze", ["loadgen/mask", "loadgen/last"], "loadgen/column")
    node("Mul", [vectors, "loadgen/column"], "loadgen/masked")
    # The mean's divisor drops out when the length becomes 1.
    node("ReduceSum", ["loadgen/masked", "loadgen/first"], "loadgen/sum", keepdims=0)
    node("Mul", ["loadgen/sum", "loadgen/sum"], "loadgen/squares")
    node("ReduceSum", ["loadgen/squares", "loadgen/last"], "loadgen/square", keepdims=1)
    node("Sqrt", ["loadgen/square"], "loadgen/length")
    node("Div", ["loadgen/sum", "loadgen/length"], POOLED)
    shape = ["batch", "hidden"]
    graph.output.append(helper.make_tensor_value_info(POOLED, TensorProto.FLOAT, shape))
