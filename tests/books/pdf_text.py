"""Reads the text of a PDF back without the library that wrote it: streams, fonts with their ToUnicode tables, and what is shown."""

import base64
import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_SHOWN = re.compile(rb"/(F[\w+-]+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj|1 0 0 1 ([\d.]+) ([\d.]+) Tm", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def lines_of(pdf: bytes) -> list[str]:
    """The texts of a PDF from top to bottom, those of one height in one line."""
    assert pdf.startswith(b"%PDF-")
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    maps = {name: _table(objects[int(table)]) for name, table in _tables(objects)}
    found: list[str] = []
    for body in objects.values():
        content = _decoded(body)
        if b" Tj" in content and b"BT" in content:
            found += _page(content, maps)
    return found


def fonts_inside(pdf: bytes) -> int:
    """How many font files the PDF carries."""
    return len(re.findall(rb"/FontFile2", pdf))


def _page(content: bytes, maps: dict[bytes, dict[int, str]]) -> list[str]:
    rows: dict[float, list[tuple[float, str]]] = {}
    font, x, y = b"", 0.0, 0.0
    for name, text, left, height in _SHOWN.findall(content):
        if name:
            font = name
        elif height:
            x, y = float(left), float(height)
        else:
            shown = "".join(maps[font].get(code, "") for code in _unescaped(text))
            rows.setdefault(y, []).append((x, shown))
    return [_joined(rows[height]) for height in sorted(rows, reverse=True)]


def _joined(parts: list[tuple[float, str]]) -> str:
    told: dict[float, str] = {}
    for x, text in parts:
        told[x] = told.get(x, "") + text
    return " | ".join(text for _, text in sorted(told.items()))


def _tables(objects: dict[int, bytes]) -> list[tuple[bytes, bytes]]:
    found = []
    for body in objects.values():
        name, table = re.search(rb"/Name /(F[\w+-]+)", body), re.search(rb"/ToUnicode (\d+) 0 R", body)
        if name and table:
            found.append((name[1], table[1]))
    return found


def _table(body: bytes) -> dict[int, str]:
    content = _decoded(body)
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", content, re.DOTALL):
        for first, last, values in re.findall(rb"<(\w+)> <(\w+)>\s*(\[.*?\]|<\w+>)", block, re.DOTALL):
            texts = [bytes.fromhex(one.decode()).decode("utf-16-be") for one in re.findall(rb"<(\w+)>", values)]
            codes = range(int(first, 16), int(last, 16) + 1)
            found |= dict(zip(codes, texts if len(texts) > 1 else [chr(ord(texts[0]) + n) for n in range(len(codes))], strict=False))
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", content, re.DOTALL):
        for code, value in re.findall(rb"<(\w+)> <(\w+)>", block):
            found[int(code, 16)] = bytes.fromhex(value.decode()).decode("utf-16-be")
    return found


def _decoded(body: bytes) -> bytes:
    stream = _STREAM.search(body)
    if stream is None:
        return b""
    content = stream[1]
    if b"ASCII85Decode" in body:
        content = base64.a85decode(content.strip().removesuffix(b"~>"))
    return zlib.decompress(content) if b"FlateDecode" in body else content


def _unescaped(text: bytes) -> bytes:
    octal = re.sub(rb"\\([0-7]{1,3})", lambda found: bytes([int(found[1], 8)]), text)
    return re.sub(rb"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), octal, flags=re.DOTALL)
