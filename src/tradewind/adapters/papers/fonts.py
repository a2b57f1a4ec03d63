"""Which installed font writes which character. Only TrueType outlines can be put into a PDF by ReportLab; Noto's CJK fonts have others."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from tradewind.books import CharacterHasNoFont

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("~/.local/share/fonts"), Path("~/.fonts"), Path("/Library/Fonts"))
# In the order they are asked: (regular, bold). The first that has a character writes it.
CANDIDATES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("Loma.ttf", "Loma-Bold.ttf"),
    ("Garuda.ttf", "Garuda-Bold.ttf"),
    ("NotoSansThai-Regular.ttf", "NotoSansThai-Bold.ttf"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
    ("DroidSansFallback.ttf", "DroidSansFallback.ttf"),
    ("wqy-zenhei.ttc", "wqy-zenhei.ttc"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("uming.ttc", "uming.ttc"),
    ("Arial Unicode.ttf", "Arial Unicode.ttf"),
)
_PACKAGES = {
    "Thai": ("ก", "fonts-thai-tlwg"),
    "Chinese": ("中", "fonts-droid-fallback (Noto's CJK fonts have outlines that a PDF cannot take from here)"),
    "Latin": ("A", "fonts-dejavu-core"),
}
_FILES_LIMIT = 20_000


class Fonts:
    """Registered fonts, asked in their order."""

    def __init__(self, pairs: Sequence[tuple[TTFont, TTFont]]) -> None:
        self._pairs = tuple(pairs)

    def runs(self, text: str, *, bold: bool = False) -> list[tuple[str, str]]:
        """The text in pieces, each with the name of the font that writes it. CharacterHasNoFont."""
        found: list[tuple[str, str]] = []
        for character in text:
            name = self._of(character, bold=bold)
            if found and found[-1][0] == name:
                found[-1] = (name, found[-1][1] + character)
            else:
                found.append((name, character))
        return found

    def width(self, text: str, size: int, *, bold: bool = False) -> int:
        """How wide the text is, in points, rounded up."""
        return int(sum(pdfmetrics.stringWidth(part, name, size) for name, part in self.runs(text, bold=bold))) + 1

    def writes(self, character: str) -> bool:
        """Whether some font has the character."""
        return any(ord(character) in regular.face.charToGlyph for regular, _ in self._pairs)

    def missing(self) -> list[tuple[str, str]]:
        """The scripts that no font writes, each with the Debian package that would."""
        return [(script, package) for script, (character, package) in _PACKAGES.items() if not self.writes(character)]

    def _of(self, character: str, *, bold: bool) -> str:
        for regular, heavy in self._pairs:
            chosen = heavy if bold and ord(character) in heavy.face.charToGlyph else regular
            if ord(character) in chosen.face.charToGlyph:
                return str(chosen.fontName)
        packages = ", ".join(package for _, package in self.missing()) or "a font that has it"
        raise CharacterHasNoFont(
            f'no installed font writes "{character}" (U+{ord(character):04X})',
            hint=f"install {packages}, or name a folder in TRADEWIND_FONT_FOLDER",
        )


@cache
def find_fonts(own: Path | None = None) -> Fonts:
    """The fonts of this machine, those of the folder `own` first."""
    wanted = {name for pair in CANDIDATES for name in pair}
    files: dict[str, Path] = {}
    for path in _files(own):
        if path.name in wanted:
            files.setdefault(path.name, path)
    pairs = []
    for regular, heavy in CANDIDATES:
        if regular in files:
            loaded = _loaded(files[regular])
            if loaded is not None:
                pairs.append((loaded, _loaded(files[heavy]) if heavy in files else None))
    return Fonts([(regular, heavy or regular) for regular, heavy in pairs])


def _files(own: Path | None) -> Iterator[Path]:
    for folder in [*([own] if own else []), *FOLDERS]:
        for number, path in enumerate(folder.expanduser().rglob("*.tt?")):
            if number >= _FILES_LIMIT:
                break
            yield path


def _loaded(path: Path) -> TTFont | None:
    name = f"{path.stem}-{hashlib.sha256(str(path).encode()).hexdigest()[:6]}"
    try:
        font = TTFont(name, str(path))
    except (TTFError, OSError):
        return None
    pdfmetrics.registerFont(font)
    return font
