"""Any file as a stream: hashed, gunzipped, with the place of what is broken."""

import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tradewind.adapters.sources.errors import (
    GzipIsBroken,
    SourceChanged,
    SourceIsEmpty,
    SourceIsFolder,
    SourceIsMissing,
    SourceIsTooLarge,
    SourceIsUnreadable,
)
from tradewind.adapters.sources.limits import BLOCK_BYTES, MAX_CONTENT_BYTES

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib: expect a gzip header and check its trailer


class SourceFile:
    """A file on disk, read once from its start; `sha256` and `position` are of the bytes on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        self._digest = hashlib.sha256()
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise SourceIsFolder(f"{path} is not a file", hint="name one catalog file; a mapping lists several")
            self._handle = path.open("rb", buffering=0)
        except FileNotFoundError:
            raise SourceIsMissing(f"there is no file {path}", hint="check the path") from None
        except (OSError, ValueError) as error:
            raise SourceIsUnreadable(f"{path} cannot be read: {error}", hint=f'look at its permissions: ls -l "{path}"') from None
        self._before = os.fstat(self._handle.fileno())
        self.size = self._before.st_size
        if self.size == 0:
            self._handle.close()
            raise SourceIsEmpty(f"{path} is empty (0 bytes)", hint="export it again")
        self.gzipped = self._starts_with_gzip()

    def _starts_with_gzip(self) -> bool:
        return os.pread(self._handle.fileno(), 2, 0) == _GZIP_MAGIC

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._handle.close()

    def blocks(self) -> Iterator[bytes]:
        """The content in blocks, unpacked when the file is gzipped."""
        return self._unpacked() if self.gzipped else self._raw()

    def finish(self) -> str:
        """Reads what is left, checks that nobody wrote to the file meanwhile, and returns its sha256."""
        for _block in self._raw():
            pass
        self.check_unchanged()
        return self._digest.hexdigest()

    def check_unchanged(self) -> None:
        """SourceChanged when the file on disk is no longer the one that was opened."""
        before = self._before
        try:
            now = self.path.stat()
        except OSError as error:
            raise SourceChanged(f"{self.path} vanished while it was read: {error}", hint="import it again") from None
        same = (before.st_ino, before.st_size, before.st_mtime_ns) == (now.st_ino, now.st_size, now.st_mtime_ns)
        if not same or self.position > self.size:
            raise SourceChanged(
                f"{self.path} changed while it was read ({self.size} bytes at first, {now.st_size} now)",
                hint="wait until its export has finished, then import it again",
            )

    def _raw(self) -> Iterator[bytes]:
        while True:
            try:
                block = self._handle.read(BLOCK_BYTES)
            except OSError as error:
                raise SourceIsUnreadable(
                    f"{self.path} cannot be read at byte {self.position}: {error}", hint="check the disk, or copy the file again"
                ) from None
            if not block:
                return
            self.position += len(block)
            self._digest.update(block)
            yield block

    def _unpacked(self) -> Iterator[bytes]:
        total = 0
        for block in self._members():
            total += len(block)
            if total > MAX_CONTENT_BYTES:
                raise SourceIsTooLarge(f"{self.path} unpacks to more than {MAX_CONTENT_BYTES} bytes", hint="split the file")
            yield block

    def _members(self) -> Iterator[bytes]:
        engine = zlib.decompressobj(_GZIP_WINDOW)
        for packed in self._raw():
            rest = packed
            while rest:
                if engine.eof:
                    engine = zlib.decompressobj(_GZIP_WINDOW)
                yield self._decompressed(engine, rest)
                # Padding with zeros after a member is allowed.
                rest = engine.unused_data.lstrip(b"\0") if engine.eof else engine.unconsumed_tail
        if not engine.eof:
            raise GzipIsBroken(
                f"{self.path} is a truncated gzip file: it ends at byte {self.position}, before its own end mark",
                hint="fetch it again; the transfer was probably cut off",
            )

    def _decompressed(self, engine: Any, packed: bytes) -> bytes:
        try:
            return bytes(engine.decompress(packed, BLOCK_BYTES))
        except zlib.error as error:
            place = self.position - len(packed)
            raise GzipIsBroken(
                f"{self.path} is a broken gzip file: {error}, after byte {place} of {self.size}", hint="fetch or export it again"
            ) from None


def head_of(path: Path, size: int) -> bytes:
    """The first `size` bytes of the content, unpacked."""
    head = bytearray()
    with SourceFile(path) as source:
        for block in source.blocks():
            head += block
            if len(head) >= size:
                break
    if not head:
        raise SourceIsEmpty(f"{path} unpacks to nothing", hint="export it again")
    return bytes(head[:size])
