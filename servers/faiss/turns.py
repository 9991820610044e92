"""Many may read at once; who writes is alone, and does not wait behind readers that came later."""

import asyncio
from contextlib import asynccontextmanager


class Turns:
    def __init__(self):
        self.readers = 0
        self.gate = asyncio.Lock()
        self.nobody_reads = asyncio.Event()
        self.nobody_reads.set()

    @asynccontextmanager
    async def reading(self):
        async with self.gate:
            self.readers += 1
            self.nobody_reads.clear()
        try:
            yield
        finally:
            self.readers -= 1
            if self.readers == 0:
                self.nobody_reads.set()

    @asynccontextmanager
    async def writing(self):
        async with self.gate:
            await self.nobody_reads.wait()
            yield
