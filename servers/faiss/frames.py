"""Bodies: the length of a JSON head as a 32-bit number, the head, and numbers behind it, little-endian."""

import json
import struct

import numpy as np

from collection import BadRequest


def split_head(body: bytes) -> tuple[dict, memoryview]:
    if len(body) < 4:
        raise BadRequest("a body without its head")
    (length,) = struct.unpack_from("<I", body)
    if len(body) < 4 + length:
        raise BadRequest("a head that is cut off")
    return json.loads(body[4 : 4 + length]), memoryview(body)[4 + length :]


def read_rows(body: bytes):
    """Ids (int64), vectors (float32, row by row) and fields (float64 each), as the head counts them."""
    head, rest = split_head(body)
    count, dimension, names = head["count"], head["dimension"], head.get("fields", [])
    expected = count * (8 + 4 * dimension + 8 * len(names))
    if len(rest) != expected:
        raise BadRequest(f"{len(rest)} bytes of rows, {expected} expected")
    ids = np.frombuffer(rest, "<i8", count)
    vectors = np.frombuffer(rest, "<f4", count * dimension, 8 * count).reshape(count, dimension)
    columns = np.frombuffer(rest, "<f8", count * len(names), count * (8 + 4 * dimension))
    return ids, vectors, dict(zip(names, columns.reshape(len(names), count)))


def read_search(body: bytes):
    head, rest = split_head(body)
    if len(rest) % 4:
        raise BadRequest("a vector that is cut off")
    return head, np.frombuffer(rest, "<f4")


def found_frame(ids: np.ndarray, distances: np.ndarray, columns: list[np.ndarray]) -> bytes:
    """Their count and that of the fields in 32 bits, ids (int64), distances (float32), fields (float64 each)."""
    parts = [ids.astype("<i8"), distances.astype("<f4"), *(column.astype("<f8") for column in columns)]
    return struct.pack("<II", len(ids), len(columns)) + b"".join(part.tobytes() for part in parts)
