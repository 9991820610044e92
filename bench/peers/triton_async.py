"""Triton's own asynchronous client in a closed loop, as a user would write it; prints JSON.

    python triton_async.py http|grpc HOST:PORT CONCURRENCY SECONDS
"""

import asyncio
import json
import sys
import time
from importlib import import_module, metadata

import numpy as np

ELEMENTS = 64
WARM_UP_SECONDS = 1


async def main(protocol: str, address: str, concurrency: int, seconds: float) -> None:
    """Ask for sums, each task one after another, and tell how many there were."""
    client = import_module(f"tritonclient.{protocol}.aio")
    options = {"conn_limit": concurrency} if protocol == "http" else {}
    async with client.InferenceServerClient(address, **options) as server:
        begin = time.perf_counter() + WARM_UP_SECONDS
        end = begin + seconds
        latencies: list[float] = []
        counts = {"all": 0, "failed": 0}
        await asyncio.gather(
            *(ask(client, server, (begin, end), latencies, counts) for _ in range(concurrency))
        )
    latencies.sort()
    print(
        json.dumps(
            {
                "requests": counts["all"],
                "perSecond": len(latencies) / seconds,
                "failed": counts["failed"],
                "p50Ms": percentile(latencies, 0.5),
                "p99Ms": percentile(latencies, 0.99),
                "version": metadata.version("tritonclient"),
            }
        )
    )


async def ask(client, server, window, latencies, counts) -> None:
    """One request after another until the window is over; what ends in it counts."""
    begin, end = window
    generator = np.random.default_rng(42)
    vectors = generator.random((100, 1, ELEMENTS), np.float32)
    ones = np.ones((1, ELEMENTS), np.float32)
    while (started := time.perf_counter()) < end:
        given = []
        for name, data in (("INPUT0", vectors[counts["all"] % 100]), ("INPUT1", ones)):
            tensor = client.InferInput(name, data.shape, "FP32")
            tensor.set_data_from_numpy(data)
            given.append(tensor)
        counts["all"] += 1
        try:
            answer = await server.infer(
                "add", given, outputs=[client.InferRequestedOutput("SUM")]
            )
            assert answer.as_numpy("SUM").shape == (1, ELEMENTS)
        except Exception:
            counts["failed"] += 1
            continue
        done = time.perf_counter()
        if begin <= done < end:
            latencies.append(done - started)


def percentile(ascending: list[float], share: float) -> float | None:
    """In milliseconds; None where there is nothing."""
    if not ascending:
        return None
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))] * 1000


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
