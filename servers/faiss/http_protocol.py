"""The part of HTTP/1.1 that clients with bodies of known length use, over asyncio alone."""

import asyncio
from typing import Awaitable, Callable

REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 404: "Not Found", 409: "Conflict", 500: "Internal Server Error"}
HEAD_LIMIT = 16 * 1024
BODY_LIMIT = 256 * 1024 * 1024

# Method, path and body → status, content type and body.
Answer = tuple[int, str, bytes]
Handler = Callable[[str, str, bytes], Awaitable[Answer]]


async def serve_connection(handle: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers the requests of one connection, one after the other, until it closes."""
    try:
        while await serve_request(handle, reader, writer):
            pass
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass
    finally:
        writer.close()


async def serve_request(handle: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request_line, *lines = head.split("\r\n")
    method, path, _version = request_line.split(" ", 2)
    headers = dict(line.lower().split(":", 1) for line in lines if ":" in line)
    length = int(headers.get("content-length", "0"))
    keeps = headers.get("connection", "").strip() != "close"
    if length > BODY_LIMIT:
        return False
    body = await reader.readexactly(length) if length else b""
    status, content_type, answer = await handle(method, path, body)
    writer.write(
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(answer)}\r\n\r\n".encode("latin-1")
        + answer
    )
    await writer.drain()
    return keeps
