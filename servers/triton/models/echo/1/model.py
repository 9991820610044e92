"""Gives back what it was given, whatever its datatype."""

import triton_python_backend_utils as triton

NAMES = [
    "BOOL",
    *(f"{kind}{bits}" for kind in ("INT", "UINT") for bits in (8, 16, 32, 64)),
    "FP16",
    "FP32",
    "FP64",
    "BYTES",
]


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def execute(self, requests):
        """Answer each request with its own tensors."""
        return [triton.InferenceResponse(list(_echoes(request))) for request in requests]


def _echoes(request):
    for name in NAMES:
        given = triton.get_input_tensor_by_name(request, name)
        if given is not None:
            yield triton.Tensor(f"{name}_OUT", given.as_numpy())
