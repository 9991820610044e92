"""MiniLM's shape with random weights, or a checkpoint of your own, in ONNX Runtime."""

import os
from pathlib import Path

import numpy as np
import onnxruntime
import triton_python_backend_utils as triton

NAMES = ("input_ids", "attention_mask")


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args):
        """Load `model.onnx` of the folder that EMBEDDING_MODEL_DIR names."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("EMBEDDING_THREADS", "1"))
        options.inter_op_num_threads = 1
        # Spinning threads would count as work in every CPU figure taken of this server.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        graph = Path(os.environ["EMBEDDING_MODEL_DIR"]) / "model.onnx"
        self.session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )

    def execute(self, requests):
        """Compute all requests of a batch at once; Triton batches those of one length only."""
        given = [[_tensor(request, name) for name in NAMES] for request in requests]
        inputs = {name: np.concatenate(parts) for name, parts in zip(NAMES, zip(*given))}
        embeddings = self.session.run(["sentence_embedding"], inputs)[0]
        responses, at = [], 0
        for ids, _ in given:
            rows = slice(at, at + len(ids))
            at = rows.stop
            tensor = triton.Tensor("embedding", embeddings[rows])
            responses.append(triton.InferenceResponse([tensor]))
        return responses


def _tensor(request, name):
    return triton.get_input_tensor_by_name(request, name).as_numpy()
