"""What one tariff layer says about a code: written in its file, or loaded from an official export."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tradewind.markets import Confidence, TableRow, TariffLayer, table_rows
from tradewind.pricing.duties import PREFIX_LENGTHS

CERTAINTIES = ("certain", "likely", "estimate")
FRESH = timedelta(days=366)
"""A table of an edition further from the priced day than this is no longer certain."""
_FROM_CONFIDENCE = {Confidence.CERTAIN: "certain", Confidence.LIKELY: "likely", Confidence.DISPUTED: "estimate"}


@dataclass(frozen=True, slots=True)
class Part:
    """What one layer says about a prefix: the top and the bottom of its rate, in millionths, and its specific parts.

    `is_default` is a chapter's cautious default; `text` is the rate or the list in the words of the table, `special` what it grants to some origins.
    """

    ppm: int
    low_ppm: int
    certainty: str
    per_kg_micro: int = 0
    per_item_micro: int = 0
    needs_person: bool = False
    is_default: bool = False
    text: str = ""
    special: str = ""


class Source:
    """One layer's parts by prefix, its exempt prefixes, and what it says of a code that it does not name."""

    def __init__(self, layer: TariffLayer, day: date) -> None:
        self.layer = layer
        self.sure = sureness(layer, day)
        # A loaded tariff holds every line: what stands between its lines is their range. A sample or a list does not.
        self.is_complete = layer.loaded is not None and not layer.lists
        self.parts = _loaded_parts(layer, day, self.sure) if layer.loaded else _written_parts(layer, self.sure)
        has_defaults = layer.loaded is None or self.is_complete
        chapters = layer.chapters if has_defaults else ()
        self.chapters = {chapter: Part(ppm, 0, "estimate", is_default=True) for chapter, ppm in chapters}
        self.exempt = _exempt(layer, day)
        self.everywhere: Part | None = None
        if layer.every_code_ppm is not None:
            low = 0 if layer.unlisted else layer.every_code_ppm
            self.everywhere = Part(layer.every_code_ppm, low, "estimate" if layer.unlisted else self.sure)

    @property
    def is_base(self) -> bool:
        """Whether every code has a rate here, so that a code without one has no duty at all."""
        return bool(self.chapters) or self.is_complete

    def says(self, prefix: str) -> Part | None:
        """What stands at this very prefix."""
        part = self.parts.get(prefix)
        return self.chapters.get(prefix) if part is None and len(prefix) == PREFIX_LENGTHS[-1] else part


def worst(certainties: Sequence[str]) -> str:
    """The least sure of some certainties; certain when there are none."""
    return max(certainties, key=CERTAINTIES.index, default="certain")


def effective(part: Part | None, exempt: bool | None) -> Part | None:
    """A part after the exemptions of its layer: True spares the goods, False spares them under a condition that no code tells."""
    if part is None or exempt is None:
        return part
    return None if exempt else replace(part, low_ppm=0, certainty=worst((part.certainty, "likely")))


def parts_of(layers: Sequence[TariffLayer], origin: str | None, hs_code: str, day: date) -> list[tuple[TariffLayer, Part | None]]:
    """What each layer that touches the origin says about a code, for people: None where it does not name the code."""
    return [(layer, _said(Source(layer, day), hs_code)) for layer in layers if layer.touches(origin)]


def _said(source: Source, hs_code: str) -> Part | None:
    part, exempt = source.everywhere, None
    for length in sorted(PREFIX_LENGTHS):
        prefix = hs_code[:length]
        if len(prefix) == length:
            part = source.says(prefix) or part
            exempt = source.exempt.get(prefix) if exempt is None else exempt
    if part is None or part.is_default:
        part = _of_finer(source, hs_code) or part
    return effective(part, exempt)


def _of_finer(source: Source, hs_code: str) -> Part | None:
    """What the finer codes below a code say together: a range, with nothing as its bottom where a list may not name the goods."""
    finer = [part for code, part in source.parts.items() if code.startswith(hs_code)]
    if not finer:
        return None
    low = min(part.low_ppm for part in finer) if source.is_complete else 0
    top = max(part.ppm for part in finer)
    return Part(
        top,
        low,
        worst([part.certainty for part in finer]),
        max(part.per_kg_micro for part in finer),
        max(part.per_item_micro for part in finer),
        any(part.needs_person for part in finer),
        text=f"the range of {len(finer)} finer codes" if len(finer) > 1 else finer[0].text,
    )


def sureness(layer: TariffLayer, day: date) -> str:
    """How sure a layer is on a day: a loaded one while its edition is fresh."""
    if layer.loaded is None or layer.confidence is Confidence.DISPUTED:
        return _FROM_CONFIDENCE[layer.confidence]
    edition = layer.loaded.edition
    return "certain" if edition is not None and abs(day - edition) <= FRESH else "likely"


def _exempt(layer: TariffLayer, day: date) -> dict[str, bool]:
    if layer.loaded_exempt is None:
        return dict.fromkeys(layer.exempt, True)
    return {row.code: row.is_sure for row in table_rows(layer.loaded_exempt, day)}


def _written_parts(layer: TariffLayer, sure: str) -> dict[str, Part]:
    ranged = frozenset(layer.top_of_range)
    return {
        prefix: Part(ppm, 0 if prefix in ranged else ppm, worst((sure, "likely")) if prefix in ranged else sure)
        for prefix, ppm in layer.rates
    }


def _loaded_parts(layer: TariffLayer, day: date, sure: str) -> dict[str, Part]:
    rows = table_rows(layer.loaded, day) if layer.loaded else ()
    if not layer.lists:
        return {row.code: _part(row, sure) for row in rows}
    rates, found = dict(layer.lists), dict[str, Part]()
    for row in rows:
        if row.list in rates:
            found[row.code] = _either(found.get(row.code), Part(rates[row.list], rates[row.list], sure, text=row.list))
    return found


def _part(row: TableRow, sure: str) -> Part:
    certainty = sure if row.is_sure else worst((sure, "likely"))
    return Part(
        row.ppm, row.low_ppm, certainty, row.per_kg_micro, row.per_item_micro, bool(row.problem), text=row.text, special=row.special
    )


def _either(one: Part | None, other: Part) -> Part:
    """A code on two lists is on one of them by its finer digits: a range."""
    if one is None:
        return other
    top, low = max(one.ppm, other.ppm), min(one.low_ppm, other.low_ppm)
    certainty = worst((one.certainty, other.certainty, "likely" if top != low else "certain"))
    return Part(top, low, certainty, text=", ".join(sorted({*one.text.split(", "), *other.text.split(", ")})))
