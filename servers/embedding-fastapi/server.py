"""The embedding API over FastAPI: POST /embed, GET /health, GET /metrics.

    python server.py [--host HOST] [--port PORT] [--model-dir DIR] ...

Every option has an environment variable; `--help` names them. SIGTERM and SIGINT finish what is
being computed and end the process with exit code 0.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import orjson
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from prometheus_client import generate_latest
from starlette.exceptions import HTTPException as RoutingError
from starlette.requests import ClientDisconnect

from embedder import Embedder, GivenUp, ModelError
from metrics import MeasureEmbedRequests, Metrics

FINISH_WITHIN_SECONDS = 7
"""What is still being computed then is given up, so that the process is gone within ten."""
CLOSE_WITHIN_SECONDS = 8
"""What is still open then, say a request that never ended, is closed."""
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Limits:
    """What a request may bring at most."""

    batch: int
    body_bytes: int


def create_app(embedder: Embedder, limits: Limits) -> FastAPI:
    """Return the application that serves `embedder`."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    metrics = Metrics(embedder.load_seconds)
    app.add_middleware(MeasureEmbedRequests, metrics=metrics)

    async def read_texts(request: Request) -> list[str]:
        return parse_texts(await read_body(request, limits.body_bytes), limits.batch)

    # Not async: computing blocks, and FastAPI gives it a thread.
    @app.post("/embed")
    def embed(texts: Annotated[list[str], Depends(read_texts)]) -> Response:
        embeddings = embedder.embed(texts)
        metrics.texts.inc(len(texts))
        return json_response(
            {"embeddings": embeddings, "model": embedder.model_name, "dim": embedder.dimension}
        )

    @app.get("/health")
    async def health() -> Response:
        return json_response({"status": "ok"})

    @app.get("/metrics")
    async def expose() -> Response:
        return Response(generate_latest(metrics.registry), media_type=METRICS_TYPE)

    @app.exception_handler(RoutingError)
    async def refuse(_request: Request, error: RoutingError) -> Response:
        return json_response({"error": error.detail}, error.status_code)

    @app.exception_handler(GivenUp)
    async def turn_away(_request: Request, _error: GivenUp) -> Response:
        return json_response({"error": "the server is shutting down"}, 503)

    return app


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """Return the body, or refuse it as soon as it is announced or found to be too large."""
    too_large = HTTPException(413, f"the body is larger than {limit_bytes} bytes")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit_bytes:
                raise too_large
    except ClientDisconnect as error:
        raise HTTPException(400, "the connection ended before the body did") from error
    return bytes(body)


def parse_texts(body: bytes, limit: int) -> list[str]:
    """Return the texts of a request body, or refuse it."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error
    texts = document.get("texts") if isinstance(document, dict) else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise HTTPException(422, 'expected an object {"texts": [string, ...]}')
    if not texts:
        raise HTTPException(422, '"texts" is empty')
    if len(texts) > limit:
        raise HTTPException(413, f"{len(texts)} texts are more than the limit of {limit}")
    return texts


def json_response(value: Any, status: int = 200) -> Response:
    """Serialise plain values and float32 arrays, the latter with as many digits as they hold."""
    content = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(content, status, media_type="application/json")


def positive(text: str) -> int:
    """Parse a count of at least one."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def parse_arguments() -> argparse.Namespace:
    """Read options, each of which falls back to its environment variable."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])

    def option(flag: str, default: str, meaning: str, kind: Callable[[str], Any]) -> None:
        variable = "EMBEDDING" + flag.replace("--", "_").replace("-", "_").upper()
        text = f"{meaning} ({variable}, {default})"
        parser.add_argument(flag, default=os.environ.get(variable, default), type=kind, help=text)

    option("--host", "127.0.0.1", "address to listen on", str)
    option("--port", "8000", "port to listen on", positive)
    option("--model-dir", "model", "folder prepared by servers/models", Path)
    option("--threads", "1", "threads that compute one request", positive)
    option("--concurrency", "1", "requests computed at the same time", positive)
    option("--max-batch", "64", "texts in a request", positive)
    option("--max-tokens", "256", "tokens of a text; the rest is cut off", positive)
    option("--max-body-bytes", "1048576", "size of a request body", positive)
    return parser.parse_args()


def end_well(_signal: int, _frame: FrameType | None) -> None:
    """End with exit code 0: uvicorn raises the signal again after it has shut down in peace."""
    raise SystemExit(0)


class PatientServer(uvicorn.Server):
    """Finishes what is being computed when a signal comes, but not at any price."""

    def __init__(self, config: uvicorn.Config, embedder: Embedder) -> None:
        """Serve `config`, whose application uses `embedder`."""
        super().__init__(config)
        self.embedder = embedder

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start to shut down, and to count."""
        super().handle_exit(sig, frame)
        deadline = threading.Timer(FINISH_WITHIN_SECONDS, self.embedder.give_up)
        deadline.daemon = True
        deadline.start()


def serve(arguments: argparse.Namespace) -> None:
    """Load the model, then listen until a signal comes."""
    embedder = Embedder(
        arguments.model_dir,
        threads=arguments.threads,
        concurrency=arguments.concurrency,
        max_tokens=arguments.max_tokens,
    )
    config = uvicorn.Config(
        create_app(embedder, Limits(arguments.max_batch, arguments.max_body_bytes)),
        host=arguments.host,
        port=arguments.port,
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        timeout_graceful_shutdown=CLOSE_WITHIN_SECONDS,
    )
    PatientServer(config, embedder).run()


def main() -> int:
    """Serve; return the exit code."""
    signal.signal(signal.SIGTERM, end_well)
    signal.signal(signal.SIGINT, end_well)
    try:
        serve(parse_arguments())
    except ModelError as error:
        print(f"embedding-fastapi: {error}", file=sys.stderr)
        return 1
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A normal exit would wait for the threads of requests that were given up.
    os._exit(exit_code)
