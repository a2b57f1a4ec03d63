"""A small HTTP/1.1 client that costs little, for driving a server on this machine."""

import asyncio
import json
import time
from typing import Any

READ_SECONDS = 30
LOOK_SECONDS = 0.2


class Wire:
    """One kept-alive connection; it connects again after the server has gone."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """The status and the JSON of the answer. ConnectionError when the server went away; whether it acted is not known then."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await self._ask(method, path, body, headers)
        except (OSError, EOFError, TimeoutError) as error:  # IncompleteReadError is an EOFError
            self.close()
            raise ConnectionError(str(error)) from None

    async def page(self, path: str) -> tuple[int, bytes]:
        """The status and the bytes of a page. ConnectionError as with `ask`."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await self._exchange("GET", path, b"", {})
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            raise ConnectionError(str(error)) from None

    def close(self) -> None:
        """Ends the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def answers(self, path: str, seconds: float) -> None:
        """Waits until the server answers, for so long at most."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                await self.ask("GET", path)
                break
            except ConnectionError:
                await asyncio.sleep(LOOK_SECONDS)
        self.close()

    async def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        content = json.dumps(body).encode() if body is not None else b""
        status, answer = await self._exchange(method, path, content, headers)
        return status, json.loads(answer) if answer else None

    async def _exchange(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n{named}\r\n"
        self._writer.write(head.encode() + content)
        await self._writer.drain()
        told = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(told.partition("content-length:")[2].partition("\r\n")[0])
        return int(told.split(" ", 2)[1]), await self._reader.readexactly(length)
