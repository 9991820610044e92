"""FAISS behind HTTP: what it takes to measure an index of FAISS as one measures a server."""

import argparse
import asyncio
import json
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import faiss

from collection import BadRequest, Collection, kept_settings
from frames import found_frame, read_rows, read_search
from http_protocol import Answer, serve_connection
from turns import Turns

JSON = "application/json"
BINARY = "application/octet-stream"


class Service:
    """The collections by name. FAISS lets many search at once, but nobody while rows are written."""

    def __init__(self, threads: int):
        self.collections: dict[str, Collection] = {}
        self.turns: dict[str, Turns] = {}
        self.pool = ThreadPoolExecutor(threads)

    async def handle(self, method: str, path: str, body: bytes) -> Answer:
        try:
            return await self.route(method, path.strip("/").split("/"), body)
        except BadRequest as problem:
            return failure(400, str(problem))
        except (KeyError, ValueError, TypeError) as problem:
            return failure(400, f"{type(problem).__name__}: {problem}")
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return failure(500, "see the server's output")

    async def route(self, method: str, parts: list[str], body: bytes) -> Answer:
        match (method, *parts):
            case ("GET", "health"):
                return success({"faiss": faiss.__version__, "threads": faiss.omp_get_max_threads()})
            case ("POST", "collections", name):
                return self.create(name, json.loads(body))
        if len(parts) < 2 or parts[0] != "collections":
            return failure(404, "no such path")
        name = parts[1]
        collection = self.collections.get(name)
        if collection is None:
            return failure(404, f"no collection {name}")
        match (method, *parts[2:]):
            case ("GET",):
                return success(describe(collection))
            case ("DELETE",):
                del self.collections[name], self.turns[name]
                return success({})
            case ("POST", "search"):
                return await self.search(name, body)
            case ("POST" | "PUT", "rows"):
                ids, vectors, fields = read_rows(body)
                await self.write(name, lambda: collection.add(ids, vectors, fields, method == "PUT"))
                return success({"count": len(ids)})
            case ("POST", "delete"):
                wanted = json.loads(body)
                await self.write(name, lambda: remove(collection, wanted))
                return success({})
            case ("POST", "train"):
                await self.write(name, collection.train)
                return success(describe(collection))
        return failure(404, "no such path")

    def create(self, name: str, wanted: dict) -> Answer:
        if name in self.collections:
            return failure(409, f"the collection {name} is there already")
        self.collections[name] = Collection(wanted["dimension"], wanted["metric"], wanted["index"])
        self.turns[name] = Turns()
        return 201, JSON, b"{}"

    async def search(self, name: str, body: bytes) -> Answer:
        head, vector = read_search(body)
        collection = self.collections[name]
        work = lambda: collection.search(vector, head["k"], head.get("filter", []), head)  # noqa: E731
        async with self.turns[name].reading():
            found = await asyncio.get_running_loop().run_in_executor(self.pool, work)
        return 200, BINARY, found_frame(*found)

    async def write(self, name: str, work) -> None:
        async with self.turns[name].writing():
            await asyncio.get_running_loop().run_in_executor(self.pool, work)


def describe(collection: Collection) -> dict:
    return {
        "rows": collection.rows,
        "indexed": collection.is_indexed,
        "dimension": collection.dimension,
        "metric": collection.metric,
        "index": kept_settings(collection.index, collection.settings),
    }


def remove(collection: Collection, wanted: dict) -> None:
    if "ids" in wanted:
        collection.remove(wanted["ids"])
    else:
        collection.remove_matching(wanted["filter"])


def success(content: dict) -> Answer:
    return 200, JSON, json.dumps(content).encode()


def failure(status: int, message: str) -> Answer:
    return status, JSON, json.dumps({"message": message}).encode()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--threads", type=int, default=2, help="searches that run at once")
    options = parser.parse_args()
    # One search uses one thread: several searches are what the others are for.
    faiss.omp_set_num_threads(1)
    service = Service(options.threads)
    server = await asyncio.start_server(
        lambda reader, writer: serve_connection(service.handle, reader, writer), options.host, options.port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
