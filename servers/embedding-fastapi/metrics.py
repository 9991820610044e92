"""What the server counts, in the names that all embedding servers of this repository share."""

import asyncio
import resource
import sys
import time
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DURATION_BUCKETS_SECONDS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
    *(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
)


class Metrics:
    """Counters of one server, in a registry of their own."""

    def __init__(self, model_load_seconds: float) -> None:
        """Create every series at zero."""
        disable_created_metrics()
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "embedding_requests",
            "Requests to /embed by HTTP status.",
            ["code"],
            registry=self.registry,
        )
        self.texts = Counter("embedding_texts", "Texts embedded.", registry=self.registry)
        self.duration = Histogram(
            "embedding_request_duration_seconds",
            "Time from the head of a request to /embed until its answer is ready.",
            buckets=DURATION_BUCKETS_SECONDS,
            registry=self.registry,
        )
        Gauge(
            "embedding_model_load_seconds",
            "Time it took to load tokenizer and model.",
            registry=self.registry,
        ).set(model_load_seconds)
        Gauge(
            "embedding_peak_memory_bytes",
            "Largest resident memory of the process so far.",
            registry=self.registry,
        ).set_function(peak_memory_bytes)
        self.requests.labels("200")


def peak_memory_bytes() -> float:
    """Return VmHWM, or where there is no /proc the same figure from getrusage."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    lines = status.read_text(encoding="utf-8").splitlines()
    kibibytes = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return float(kibibytes) * 1024


class MeasureEmbedRequests:
    """ASGI middleware: counts and times /embed, and answers for what broke inside."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap `app`."""
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; its figures are there before its answer leaves."""
        if scope["type"] != "http" or scope["path"] != "/embed":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        answered = False

        async def measured_send(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                self.metrics.requests.labels(str(message["status"])).inc()
                self.metrics.duration.observe(time.perf_counter() - started)
            await send(message)

        try:
            await self.app(scope, receive, measured_send)
            return
        except asyncio.CancelledError:
            # Only a server that closes what is still open cancels a request.
            response = JSONResponse({"error": "the server is shutting down"}, 503)
        except Exception as error:
            print(f"embedding-fastapi: {type(error).__name__}: {error}", file=sys.stderr)
            response = JSONResponse({"error": "internal error, see the server's log"}, 500)
        if not answered:
            await response(scope, receive, measured_send)
