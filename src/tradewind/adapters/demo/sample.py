"""Writes the sample catalog: a spreadsheet with Chinese headers, its mapping, its stock by location, and its pictures."""

import csv
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from tradewind.adapters.demo.broken import broken_rows
from tradewind.adapters.demo.maker import COLUMNS, MEDIA, Made, Row, make_products
from tradewind.adapters.demo.pictures import Picture, paint_pictures

SEED = 20261111
Painter = Callable[[Iterable[Picture], Path], int]
# location: how many of a hundred variants lie there, and the most units of one
_LOCATIONS = {"SZX-1": (96, 420), "LAX-1": (38, 60), "DUI-1": (34, 45), "BKK-1": (30, 40)}
_SOLD_OUT_PERCENT = 4


@dataclass(frozen=True, slots=True)
class SampleCatalog:
    """Where the files are, and what they hold. rows = sound + broken."""

    catalog: Path
    mapping: Path
    stock: Path
    media: Path
    rows: int
    broken: int
    pictures_painted: int
    example_sku: str


def build_sample_catalog(folder: Path, media: Path, seed: int = SEED, paint: Painter = paint_pictures) -> SampleCatalog:
    """Writes spring.csv, spring.mapping.toml and stock.csv into `folder` and the pictures into `media`/demo; equal seeds give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    made = list(make_products(seed))
    sound = [entry.row for entry in made]
    broken = [row for _, row in broken_rows(sound)]
    catalog, mapping, stock = folder / "spring.csv", folder / "spring.mapping.toml", folder / "stock.csv"
    _write(catalog, COLUMNS, _spread(sound, broken, seed))
    mapping.write_bytes(resources.files("tradewind.adapters.demo").joinpath("data/spring.mapping.toml").read_bytes())
    _write(stock, ("sku", "location_id", "on_hand"), _stock(made, seed))
    pictures = {picture.name: picture for entry in made for picture in entry.pictures}
    painted = paint(pictures.values(), media / MEDIA)
    return SampleCatalog(catalog, mapping, stock, media / MEDIA, len(sound) + len(broken), len(broken), painted, sound[0]["商品编码"])


def _spread(sound: Sequence[Row], broken: Sequence[Row], seed: int) -> list[Row]:
    """The broken rows at places that chance picks, always after the sound rows they were copied from."""
    chance, rows = random.Random(f"{seed}/places"), list(sound)  # noqa: S311 - chance, not a secret
    for row in broken:
        rows.insert(chance.randint(len(rows) // 2, len(rows)), row)
    return rows


def _stock(made: Iterable[Made], seed: int) -> list[Row]:
    rows = []
    for entry in made:
        sku = entry.row["商品编码"]
        chance = random.Random(f"{seed}/stock/{sku}")  # noqa: S311 - chance, not a secret
        sold_out = chance.randint(1, 100) <= _SOLD_OUT_PERCENT
        for location, (percent, most) in _LOCATIONS.items():
            drawn, quantity = chance.randint(1, 100), chance.randint(1, most)
            if drawn <= percent:
                rows.append({"sku": sku, "location_id": location, "on_hand": "0" if sold_out else str(quantity)})
    return rows


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
