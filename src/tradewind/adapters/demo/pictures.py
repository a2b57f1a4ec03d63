"""Product pictures of the sample catalog: an original flat illustration for each kind, painted in the color of the option."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tradewind.adapters.demo import drawings_indoor, drawings_outdoor
from tradewind.adapters.demo.pen import SIZE, Paint, Pen

PICTURE_SIZE = SIZE  # pixels, both ways
STYLES = 3
_QUALITY = 80
_THREADS = 2
Drawing = Callable[[Pen, Paint], None]


@dataclass(frozen=True, slots=True)
class Picture:
    """One file: which illustration, in which paint, before which backdrop."""

    name: str
    drawing: str
    paint: Paint
    style: int


def drawing_names() -> frozenset[str]:
    """Every illustration there is."""
    return frozenset(_DRAWINGS)


def paint_pictures(pictures: Iterable[Picture], folder: Path) -> int:
    """Writes the pictures that the folder does not hold yet; returns how many were painted."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [picture for picture in pictures if not (folder / picture.name).exists()]
    with ThreadPoolExecutor(_THREADS) as pool:
        return sum(pool.map(lambda picture: _paint(picture, folder), missing))


def _paint(picture: Picture, folder: Path) -> int:
    pen = Pen(picture.paint.backdrop())
    _backdrop(pen, picture)
    _DRAWINGS[picture.drawing](pen, picture.paint)
    target = folder / picture.name
    unfinished = target.with_suffix(".part")
    pen.finished().save(unfinished, "WEBP", quality=_QUALITY, method=2)
    unfinished.replace(target)
    return 1


def _backdrop(pen: Pen, picture: Picture) -> None:
    tone = picture.paint.backdrop(90)
    if picture.style == 0:
        pen.disc(500, 500, 420, tone)
    elif picture.style == 1:
        pen.box(150, 90, 850, 1100, tone, 350)
    else:
        pen.box(0, 640, 1000, 1000, picture.paint.backdrop(74))


def _found() -> dict[str, Drawing]:
    modules = (drawings_indoor, drawings_outdoor)
    return {
        name: drawing
        for module in modules
        for name, drawing in vars(module).items()
        if callable(drawing) and getattr(drawing, "__module__", "") == module.__name__
    }


_DRAWINGS = _found()
