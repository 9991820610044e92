"""Streams: one request has as many responses as it asks for."""

import threading
import time

import numpy as np
import triton_python_backend_utils as triton


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def execute(self, requests):
        """Answer each request in a thread of its own, so that none waits for another."""
        for request in requests:
            numbers = [_number(request, name) for name in ("VALUE", "COUNT", "DELAY_US")]
            sender = request.get_response_sender()
            threading.Thread(target=_stream, args=(sender, *numbers), daemon=True).start()


def _number(request, name):
    return int(triton.get_input_tensor_by_name(request, name).as_numpy()[0])


def _stream(sender, value, count, delay_us):
    for index in range(count):
        if delay_us > 0:
            time.sleep(delay_us / 1e6)
        out = triton.Tensor("OUT", np.array([value + index], np.int32))
        sender.send(triton.InferenceResponse([out]))
    sender.send(flags=triton.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
