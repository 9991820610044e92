"""Turn BERT weights into an ONNX graph from token ids to unit-length sentence embeddings.

The graph is the encoder of Devlin et al. (2018) in the arrangement of Hugging Face's `BertModel`,
followed by the mean over unmasked tokens and L2 normalisation, as sentence-transformers do it.
Inputs are `input_ids` and `attention_mask`, int64 of shape (batch, length); the output is
`sentence_embedding`, float32 of shape (batch, hidden). Texts come alone and never in pairs, so that
the segment embedding is the same for all tokens and `token_type_ids` is no input.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
"""The first version with Gelu."""
IR_VERSION = 9
"""What opset 20 was released with; runtimes that know the one know the other."""
MASKED_SCORE = -1e4
"""Added to the attention score of a padding token: exp of it is 0 in float32."""


class GraphBuilder:
    """Collects nodes and constants; every method that adds a node returns its output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        """Add an initializer; the same name again is the same one."""
        self.constants[name] = np.ascontiguousarray(value)
        return name

    def integers(self, *values: int) -> str:
        """Add a vector of int64, for shapes and axes."""
        return self.constant("ints_" + "_".join(map(str, values)), np.array(values, np.int64))

    def number(self, value: float) -> str:
        """Add a float32 scalar."""
        return self.constant(f"float_{value}", np.array(value, np.float32))

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output."""
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output


class BertGraph:
    """The encoder's parts in terms of Hugging Face's weight names."""

    def __init__(self, weights: Mapping[str, np.ndarray], config: Mapping[str, Any]) -> None:
        self.weights = weights
        self.config = config
        self.graph = GraphBuilder()

    def weight(self, name: str) -> str:
        """Add a weight as it is stored."""
        return self.graph.constant(name, self.weights[name])

    def linear(self, x: str, name: str) -> str:
        """Multiply by a weight, stored (outputs, inputs), and add its bias."""
        matrix = self.graph.constant(f"{name}.weight.T", self.weights[f"{name}.weight"].T)
        return self.graph.add(
            "Add", self.graph.add("MatMul", x, matrix), self.weight(f"{name}.bias")
        )

    def layer_norm(self, x: str, name: str) -> str:
        """Normalise over the hidden axis."""
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        epsilon = self.config["layer_norm_eps"]
        return self.graph.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def embeddings(self) -> str:
        """Sum word, position and segment embeddings; the latter two are one table."""
        add, integers = self.graph.add, self.graph.integers
        words = add("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids")
        places = self.weights["embeddings.position_embeddings.weight"]
        segment = self.weights["embeddings.token_type_embeddings.weight"][0]
        table = self.graph.constant("position_and_segment_embeddings", places + segment)
        length = add("Shape", "input_ids", start=1, end=2)
        total = add("Add", words, add("Slice", table, integers(0), length, integers(0)))
        return self.layer_norm(total, "embeddings.LayerNorm")

    def attention(self, x: str, mask: str, name: str) -> str:
        """Scaled dot-product attention over all heads; `mask` is added to the scores."""
        add, integers = self.graph.add, self.graph.integers
        heads = self.config["num_attention_heads"]
        width = self.config["hidden_size"] // heads

        def split(part: str, order: list[int]) -> str:
            projected = self.linear(x, f"{name}.self.{part}")
            shaped = add("Reshape", projected, integers(0, 0, heads, width))
            return add("Transpose", shaped, perm=order)

        scores = add("MatMul", split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]))
        scaled = add("Mul", scores, self.graph.number(1 / math.sqrt(width)))
        shares = add("Softmax", add("Add", scaled, mask), axis=-1)
        mixed = add("MatMul", shares, split("value", [0, 2, 1, 3]))
        joined = add("Transpose", mixed, perm=[0, 2, 1, 3])
        return add("Reshape", joined, integers(0, 0, heads * width))

    def layer(self, x: str, mask: str, name: str) -> str:
        """One encoder layer, normalised after each residual."""
        add = self.graph.add
        attended = self.linear(
            self.attention(x, mask, f"{name}.attention"), f"{name}.attention.output.dense"
        )
        middle = self.layer_norm(add("Add", attended, x), f"{name}.attention.output.LayerNorm")
        inner = add("Gelu", self.linear(middle, f"{name}.intermediate.dense"), approximate="none")
        outer = self.linear(inner, f"{name}.output.dense")
        return self.layer_norm(add("Add", outer, middle), f"{name}.output.LayerNorm")

    def pool(self, x: str, mask: str) -> None:
        """Mean over unmasked tokens, scaled to length 1, as the output `sentence_embedding`."""
        add, integers, number = self.graph.add, self.graph.integers, self.graph.number
        kept = add("Unsqueeze", mask, integers(2))
        total = add("ReduceSum", add("Mul", x, kept), integers(1), keepdims=0)
        count = add("Max", add("ReduceSum", kept, integers(1), keepdims=0), number(1e-9))
        mean = add("Div", total, count)
        norm = add("Max", add("ReduceL2", mean, integers(1), keepdims=1), number(1e-12))
        self.graph.nodes.append(helper.make_node("Div", [mean, norm], ["sentence_embedding"]))

    def build(self) -> onnx.ModelProto:
        """Put the parts together."""
        add = self.graph.add
        kept = add("Cast", "attention_mask", to=TensorProto.FLOAT)
        dropped = add("Sub", self.graph.number(1), kept)
        dropped = add("Unsqueeze", dropped, self.graph.integers(1, 2))
        mask = add("Mul", dropped, self.graph.number(MASKED_SCORE))
        x = self.embeddings()
        for index in range(self.config["num_hidden_layers"]):
            x = self.layer(x, mask, f"encoder.layer.{index}")
        self.pool(x, kept)
        return self.model()

    def model(self) -> onnx.ModelProto:
        """Wrap the nodes, with batch and length left open."""
        int64, float32 = TensorProto.INT64, TensorProto.FLOAT
        inputs = [
            helper.make_tensor_value_info(name, int64, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ]
        shape = ["batch", self.config["hidden_size"]]
        output = helper.make_tensor_value_info("sentence_embedding", float32, shape)
        tensors = [numpy_helper.from_array(v, k) for k, v in self.graph.constants.items()]
        graph = helper.make_graph(self.graph.nodes, "bert", inputs, [output], tensors)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def build_onnx(weights: Mapping[str, np.ndarray], config: Mapping[str, Any]) -> onnx.ModelProto:
    """Return the checked graph for `weights`, float32 under Hugging Face's names, and `config`."""
    model = BertGraph(weights, config).build()
    onnx.checker.check_model(model)
    return model
