"""Keeps a sum for each sequence, from its first request on."""

import numpy as np
import triton_python_backend_utils as triton


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args):
        """Begin with no sequence known."""
        self.sums = {}

    def execute(self, requests):
        """Add the request's number to the sum of its sequence."""
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        number = int(_first(request, "INPUT"))
        sequence = int(_first(request, "ID"))
        starts = _first(request, "START") == 1
        self.sums[sequence] = number + (0 if starts else self.sums.get(sequence, 0))
        total = np.array([[self.sums[sequence]]], np.int32)
        return triton.InferenceResponse([triton.Tensor("SUM", total)])


def _first(request, name):
    return triton.get_input_tensor_by_name(request, name).as_numpy().reshape(-1)[0]
