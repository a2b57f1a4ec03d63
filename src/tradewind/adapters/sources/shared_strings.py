"""A workbook's table of shared texts on disk: the library would hold all of them in memory, however large the file is."""

import os
from array import array
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

CACHED_TEXTS = 8_192
_ITEM = f"{{{SHEET_MAIN_NS}}}si"


class SharedStrings:
    """Texts by number. In memory are eight bytes for each, and the ones used lately."""

    def __init__(self, path: Path) -> None:
        self._handle = path.open("w+b")
        self._ends = array("Q", [0])
        self._read: Callable[[int], str] = lru_cache(CACHED_TEXTS)(self._from_disk)

    def add(self, text: str) -> None:
        # Half of a surrogate pair is no text, but it is refused where its row and column are known.
        self._ends.append(self._ends[-1] + self._handle.write(text.encode("utf-8", "surrogatepass")))

    def finish(self) -> None:
        self._handle.flush()

    def close(self) -> None:
        self._handle.close()

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError(f"there is no shared text {number}")
        return self._read(number)

    def _from_disk(self, number: int) -> str:
        start, end = self._ends[number], self._ends[number + 1]
        return os.pread(self._handle.fileno(), end - start, start).decode("utf-8", "surrogatepass")


def open_workbook(content: Path, strings: SharedStrings) -> Any:
    """The workbook, read row by row, its shared texts put into `strings`."""
    reader: Any = ExcelReader(str(content), read_only=True, data_only=True, keep_links=False)

    def read_strings() -> None:
        part = reader.package.find(SHARED_STRINGS)
        if part is not None:
            with reader.archive.open(part.PartName[1:]) as source:
                _fill(strings, source)
        reader.shared_strings = strings

    reader.read_strings = read_strings
    reader.read()
    return reader.wb


def _fill(strings: SharedStrings, source: Any) -> None:
    root = None
    for event, node in iterparse(source, events=("start", "end")):
        root = node if root is None else root
        if event == "end" and node.tag == _ITEM:
            text: Any = Text.from_tree(node)
            strings.add(text.content.replace("x005F_", ""))
            root.clear()  # the finished items would stay in the tree of the whole file
    strings.finish()
