"""A pen for flat illustrations: shapes on a canvas of 1000 × 1000, drawn twice as large and reduced so that edges are smooth."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

UNITS = 1000
DRAWN = 1600
SIZE = 800
_SCALE_NUMERATOR, _SCALE_DENOMINATOR = DRAWN, UNITS

INK, PAPER, METAL, WOOD, GLASS, SHADE = "#2b2d33", "#fbfaf7", "#c3c9ce", "#c79a63", "#dbe7ec", "#00000022"
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Paint:
    """A color option as three tones: the body, its shaded side, its deepest lines."""

    body: str
    side: str
    deep: str

    def backdrop(self, share: int = 82) -> str:
        """The shaded tone lightened by `share` percent: quiet. White products stand before a cool gray instead, to be seen."""
        if min(self.body[1], self.body[3]) >= "e" and self.body[5] >= "d":
            share = share * 11 // 20
        channels = [int(self.side[place : place + 2], 16) for place in (1, 3, 5)]
        return "#" + "".join(f"{channel + (250 - channel) * share // 100:02x}" for channel in channels)


class Pen:
    """Draws in units of a thousandth of the picture."""

    def __init__(self, backdrop: str) -> None:
        self.image = Image.new("RGB", (DRAWN, DRAWN), backdrop)
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def disc(self, x: int, y: int, radius: int, color: str, height: int | None = None) -> None:
        """A filled circle, or an ellipse when `height` is given as its other radius."""
        tall = radius if height is None else height
        self.draw.ellipse(self._flat([(x - radius, y - tall), (x + radius, y + tall)]), fill=color)

    def ring(self, x: int, y: int, radius: int, width: int, color: str, start: int = 0, end: int = 360) -> None:  # noqa: PLR0917 - a drawing reads as numbers
        """A part of a circle's line, in degrees clockwise from three o'clock."""
        outer = radius + width // 2
        self.draw.arc(self._flat([(x - outer, y - outer), (x + outer, y + outer)]), start, end, fill=color, width=self._length(width))

    def box(self, left: int, top: int, right: int, bottom: int, color: str, corner: int = 0) -> None:  # noqa: PLR0917
        """A filled rectangle with round corners."""
        self.draw.rounded_rectangle(self._flat([(left, top), (right, bottom)]), self._length(corner), fill=color)

    def shape(self, color: str, *points: Point) -> None:
        """A filled polygon."""
        self.draw.polygon(self._flat(points), fill=color)

    def line(self, color: str, width: int, *points: Point) -> None:
        """A line through the points with round ends."""
        self.draw.line(self._flat(points), fill=color, width=self._length(width), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width // 2, color)

    def floor(self, x: int, y: int, width: int) -> None:
        """The soft shadow that a product stands on."""
        self.disc(x, y, width, SHADE, 22)

    def finished(self) -> Image.Image:
        """The picture at its final size."""
        return self.image.reduce(DRAWN // SIZE)

    def _length(self, units: int) -> int:
        return units * _SCALE_NUMERATOR // _SCALE_DENOMINATOR

    def _flat(self, points: Sequence[Point]) -> list[int]:
        return [self._length(value) for point in points for value in point]
