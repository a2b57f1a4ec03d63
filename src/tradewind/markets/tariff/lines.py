"""What loading a table comes to: lines with their charge, and refused rows with their reason. Rows in = loaded + refused."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from tradewind.markets.tariff.grammar import clean, parse_rate
from tradewind.markets.tariff.rate import charge

_DIGITS = re.compile(r"\d{4}|\d{6}|\d{8}|\d{10}", re.ASCII)
_MARKS = "*#†"
_KEPT_TEXT = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its code, the list it stands on, its texts, and what its rate comes to."""

    row: int
    code: str
    list: str = ""
    text: str = ""
    special: str = ""
    description: str = ""
    units: str = ""
    ppm: int = 0
    low_ppm: int = 0
    per_kg_micro: int = 0
    per_item_micro: int = 0
    problem: str = ""
    is_sure: bool = True
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and why."""

    row: int
    code: str
    text: str
    reason: str


@dataclass(slots=True)
class Loaded:
    """The tables made from one file. `rows` were read; `taken` of them are in a table or are its headings; the rest is refused."""

    rows: int
    tables: dict[str, list[Line]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    headings: int = 0
    repeated: int = 0
    notes: list[str] = field(default_factory=list)
    tiers: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """Rows that were not refused."""
        return self.rows - len(self.refused)

    @property
    def lines(self) -> int:
        return sum(len(lines) for lines in self.tables.values())

    @property
    def for_a_person(self) -> int:
        """Lines whose rate a person must read."""
        return sum(bool(line.problem) for lines in self.tables.values() for line in lines)

    def reasons(self) -> list[tuple[str, int]]:
        """How many rows were refused for each reason, most first."""
        return Counter(one.reason for one in self.refused).most_common()

    def refuse(self, row: int, code: str, text: str, reason: str) -> None:
        self.refused.append(Refused(row, code[:40], clean(text)[:_KEPT_TEXT], reason))


def code_of(text: object) -> str:
    """The digits of a tariff code without dots, blanks, marks and invisible characters; empty when it is no code."""
    digits = clean(str(text)).replace(".", "").replace(" ", "").strip(_MARKS)
    return digits if _DIGITS.fullmatch(digits) else ""


def priced(row: int, code: str, text: str, currency: str, **more: object) -> Line:
    """A line with what its rate text comes to."""
    found = charge(parse_rate(text, currency))
    facts = {"special": "", "description": "", "units": ""} | {key: value for key, value in more.items() if isinstance(value, str)}
    days = {key: value for key, value in more.items() if isinstance(value, date)}
    return Line(
        row, code, text=clean(text)[:_KEPT_TEXT], ppm=found.ppm, low_ppm=found.low_ppm, per_kg_micro=found.per_kg_micro,
        per_item_micro=found.per_item_micro, problem=found.problem[:_KEPT_TEXT], is_sure=found.is_sure,
        special=facts["special"][:_KEPT_TEXT], description=facts["description"][:_KEPT_TEXT], units=facts["units"][:_KEPT_TEXT],
        valid_from=days.get("valid_from"), valid_to=days.get("valid_to"),
    )  # fmt: skip
