"""Text of any encoding as a stream of checked UTF-8 blocks."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from tradewind.adapters.sources.errors import BytesAreInvalid, EncodingIsUnknown, LineIsTooLong
from tradewind.adapters.sources.limits import BLOCK_BYTES, ENCODING_SEARCH_BYTES, SAMPLE_BYTES
from tradewind.adapters.sources.streams import SourceFile

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# GB 2312's own square of two high bytes holds all everyday Chinese text; western text misread as GB falls outside it.
_CHINESE_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_INSIDE_A_WORD = re.compile(rb"(?<=[a-z])[\xa1-\xf7][\xa1-\xfe](?=[a-z])")
_GUESS_PERCENT = 90
_UTF16_PERCENT = 70
_MAX_CHAR_BYTES = 4
_EXCERPT_CHARS = 30
_WESTERN = frozenset("äöüÄÖÜßéèêëÉÈÊàâáãåæÀÂÁÅÆçÇñÑíìîïÍÎóòôõøÓÔØœŒúùûÚÛ€£¥°²³½¼×·•–—„“”‚‘’«»…®©™§µ´\xa0")


def normal_name(encoding: str) -> str:
    """Python's name of a text encoding; EncodingIsUnknown for anything else."""
    try:
        found = codecs.lookup(encoding)
        if not getattr(found, "_is_text_encoding", True):
            raise LookupError(encoding)
        "a".encode(found.name)
    except (LookupError, ValueError, UnicodeError):
        raise EncodingIsUnknown(
            f'"{encoding}" is not a text encoding', hint="such as utf-8, gb18030, utf-16-le, windows-1252, shift_jis"
        ) from None
    return found.name


def detect_encoding(path: Path) -> str:
    """utf-8, utf-16-le, utf-16-be or gb18030, judged from the first bytes beyond ASCII; utf-8 when nothing speaks against it."""
    sample = _telling_sample(path)
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    if b"\0" in sample:
        return _utf16_without_mark(sample) or "utf-8"
    return "gb18030" if not _is_utf8(sample) and _looks_chinese(sample) else "utf-8"


def probable_encoding(path: Path) -> tuple[str, str]:
    """The encoding that a draft may propose, with what shows it. Unlike `detect_encoding` it also guesses windows-1252."""
    name, sample = detect_encoding(path), _telling_sample(path)
    high = sum(1 for byte in sample if byte > 127)
    if name == "gb18030":
        pairs = len(_CHINESE_PAIR.findall(sample))
        return name, f"not UTF-8; {2 * pairs} of {high} bytes beyond ASCII pair up as Chinese, such as {_excerpt(sample, name)}"
    if name != "utf-8" or not high or sample.startswith(codecs.BOM_UTF8) or _is_utf8(sample):
        return name, ""
    letters = [letter for letter in sample.decode("windows-1252", "replace") if ord(letter) > 127]
    western = sum(letter in _WESTERN for letter in letters)
    if western * 100 >= len(letters) * _GUESS_PERCENT:
        return (
            "windows-1252",
            f"not UTF-8; read so, {western} of {len(letters)} letters are western, such as {_excerpt(sample, 'windows-1252')}",
        )
    return name, ""


def _excerpt(sample: bytes, encoding: str) -> str:
    words = re.findall(r"\w+", sample.decode(encoding, "replace"))
    return next((f'"{word[:_EXCERPT_CHARS]}"' for word in words if not word.isascii()), "nothing")


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _telling_sample(path: Path) -> bytes:
    with SourceFile(path) as source:
        seen = 0
        for block in source.blocks():
            seen += len(block)
            if not block.isascii() or b"\0" in block:
                first = next(index for index, byte in enumerate(block) if byte > 127 or byte == 0)
                start = max(0, first - SAMPLE_BYTES // 2) & ~1 if first >= SAMPLE_BYTES else 0
                return block[start : start + SAMPLE_BYTES]
            if seen >= ENCODING_SEARCH_BYTES:
                break
    return b""


def _utf16_without_mark(sample: bytes) -> str | None:
    even, odd = sample[0::2], sample[1::2]
    if odd.count(0) * 100 >= len(odd) * _UTF16_PERCENT:
        return "utf-16-le"
    if even.count(0) * 100 >= len(even) * _UTF16_PERCENT:
        return "utf-16-be"
    return None


def _looks_chinese(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("gb18030")().decode(sample)
    except UnicodeDecodeError:
        return False
    high = sum(1 for byte in sample if byte > 127)
    pairs = len(_CHINESE_PAIR.findall(sample))
    # "Größe" in windows-1252 has two such bytes side by side, but small letters of ASCII around them: Chinese words have not.
    if 2 * len(_INSIDE_A_WORD.findall(sample)) >= pairs:
        return False
    paired = 2 * pairs
    return paired * 100 >= high * _GUESS_PERCENT


class Utf8Stream:
    """The content of a file as UTF-8 without a byte order mark; `read` makes it a file for parsers that want one.

    `trusted` UTF-8 is not checked here: whoever reads it besides does that.
    """

    def __init__(self, source: SourceFile, encoding: str, max_line_bytes: int, *, trusted: bool = False) -> None:
        self.source = source
        self.encoding = encoding
        self.lines = 0  # line ends seen
        self.has_nul = False
        self._limit = max_line_bytes
        self._trusted = trusted
        self._line_bytes = 0
        self._fed = 0
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._pending = b""
        self._blocks = self.blocks()
        self._buffer = b""

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        while not self._buffer:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._buffer = block
        taken = self._buffer if size < 0 else self._buffer[:size]
        self._buffer = self._buffer[len(taken) :]
        return taken

    def blocks(self) -> Iterator[bytes]:
        """UTF-8 blocks; BytesAreInvalid and LineIsTooLong name the byte and the line."""
        first = True
        for raw in self.source.blocks():
            for start in range(0, len(raw), self._step):
                block = self._utf8(raw[start : start + self._step])
                if first and block:
                    block, first = block.removeprefix(codecs.BOM_UTF8), False
                if block:
                    yield self._measured(block)
        self._utf8(b"", final=True)

    @property
    def _step(self) -> int:
        return max(1, min(BLOCK_BYTES, self._limit))

    def _utf8(self, raw: bytes, *, final: bool = False) -> bytes:
        self._fed += len(raw)
        try:
            if self.encoding != "utf-8":
                return self._decoder.decode(raw, final).encode("utf-8", "replace")
            if not self._pending and (self._trusted or raw.isascii()):
                return raw
            data = self._pending + raw
            _text, used = codecs.utf_8_decode(data, "strict", final)
        except UnicodeDecodeError as error:
            raise self._invalid(error) from None
        self._pending = data[used:]
        return data[:used]

    def _invalid(self, error: UnicodeDecodeError) -> BytesAreInvalid:
        offset = self._fed - len(error.object) + error.start
        bad = error.object[error.start : min(error.end, error.start + _MAX_CHAR_BYTES)].hex(" ")
        before = error.object[: error.start].decode(self.encoding, "replace")
        line = self.lines + before.count("\n") + 1
        return BytesAreInvalid(
            f"{self.source.path}: the bytes {bad} at byte {offset} (line {line}) are not {self.encoding} text",
            hint='say which encoding it has, such as encoding = "windows-1252" or encoding = "gb18030" below [tables.products] in the mapping;\n'
            "a draft names the likely one: tradewind catalog map PATH --output FILE",
        )

    def _measured(self, block: bytes) -> bytes:
        end = b"\n" if b"\n" in block else b"\r"
        first = block.find(end)
        self._line_bytes += len(block) if first < 0 else first
        if self._line_bytes > self._limit:
            raise LineIsTooLong(
                f"{self.source.path}: line {self.lines + 1} is longer than {self._limit} bytes",
                hint="look whether its line ends are missing: head -c 2000 FILE",
            )
        if first >= 0:
            self._line_bytes = len(block) - block.rfind(end) - 1
            self.lines += block.count(end)
        self.has_nul = self.has_nul or b"\0" in block
        return block


def check_utf8(path: Path, max_line_bytes: int) -> None:
    """BytesAreInvalid names the first bytes of the file that are not UTF-8."""
    with SourceFile(path) as source:
        for _block in Utf8Stream(source, "utf-8", max_line_bytes).blocks():
            pass
