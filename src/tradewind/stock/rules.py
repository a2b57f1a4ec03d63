"""What a row of a stock file must be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tradewind.network import Location, StockAuthority
from tradewind.stock.model import BadRow, StockCount, StockDelta

HEADER = ("sku", "location_id", "on_hand")
DELTA_HEADER = ("delta_id", "sku", "location_id", "change", "on_hand", "expected", "moved_at", "expected_on")
DELTA_NEEDS = ("sku", "location_id")
# A source's clock may run ahead of ours by this much.
CLOCK_LEEWAY = timedelta(minutes=5)
MAX_UNITS = 1_000_000_000
# Google takes no date further ahead (Merchant Center help, answer 6324470).
EXPECTED_DAYS = 365
NOT_EXPECTED = "none"
MAX_TEXT = 200


def checked(row: int, values: dict[str, str]) -> StockCount | BadRow:
    """The count that a row holds, or what is wrong with it."""
    sku, location, units = (values[name].strip() for name in HEADER)
    for name, text in (("sku", sku), ("location_id", location)):
        if not text:
            return BadRow(row, name, text, "it is empty")
        if len(text) > MAX_TEXT or not text.isprintable():
            return BadRow(row, name, text[:MAX_TEXT], f"it is longer than {MAX_TEXT} characters or has control characters")
    if not (units.isascii() and units.isdigit()):
        return BadRow(row, "on_hand", units[:MAX_TEXT], "it is not a whole number of units")
    if len(units) > len(str(MAX_UNITS)) or int(units) > MAX_UNITS:
        return BadRow(row, "on_hand", units[:MAX_TEXT], f"it is more than {MAX_UNITS:,} units")
    return StockCount(row, sku, location, int(units))


def sellable(available: int, counted_at: datetime, location: Location | None, at: datetime) -> int:
    """The units that may be sold of a level: what is available beyond the buffer, nothing when the count is too old."""
    if location is None:
        return available
    if location.max_age is not None and at - counted_at > location.max_age:
        return 0
    return max(available - location.buffer, 0)


def checked_delta(row: int, values: Mapping[str, str], default_id: str, at: datetime) -> StockDelta | BadRow:
    """The delta that a row holds, or what is wrong with it."""
    given = {name: (values.get(name) or "").strip() for name in DELTA_HEADER}
    for name in ("sku", "location_id", "delta_id"):
        text = given[name] or (default_id if name == "delta_id" else "")
        if not text:
            return BadRow(row, name, text, "it is empty")
        if len(text) > MAX_TEXT or not text.isprintable():
            return BadRow(row, name, text[:MAX_TEXT], f"it is longer than {MAX_TEXT} characters or has control characters")
    units = _units(row, given)
    if isinstance(units, BadRow):
        return units
    moved_at = _moment(given["moved_at"], at)
    if moved_at is None:
        return BadRow(row, "moved_at", given["moved_at"][:MAX_TEXT], "it is not a past time such as 2026-11-23T12:00:00Z")
    expected_on = _expected_on(given["expected_on"], at)
    if expected_on is None:
        reason = f'it is neither "{NOT_EXPECTED}" nor a day from today to {EXPECTED_DAYS} days ahead, such as 2027-01-15'
        return BadRow(row, "expected_on", given["expected_on"][:MAX_TEXT], reason)
    return StockDelta(
        given["delta_id"] or default_id,
        given["sku"],
        given["location_id"],
        units["change"],
        units["on_hand"],
        units["expected"],
        moved_at,
        row,
        expected_on,
    )


def named(delta: StockDelta, delta_id: str) -> StockDelta:
    """The same delta under another id."""
    return replace(delta, delta_id=delta_id)


def _units(row: int, given: Mapping[str, str]) -> dict[str, int | None] | BadRow:
    neither = not given["change"] and not given["on_hand"]
    if (given["change"] and given["on_hand"]) or (neither and not given["expected_on"]):
        return BadRow(row, "change", given["change"], "either change or on_hand must be given, or expected_on alone")
    units: dict[str, int | None] = {}
    for name in ("change", "on_hand", "expected"):
        signed = given[name].removeprefix("+").removeprefix("-") if name == "change" else given[name]
        if given[name] and not (signed.isascii() and signed.isdigit() and len(signed) <= len(str(MAX_UNITS)) and int(signed) <= MAX_UNITS):
            return BadRow(row, name, given[name][:MAX_TEXT], f"it is not a whole number of units up to {MAX_UNITS:,}")
        units[name] = int(given[name]) if given[name] else None
    if units["expected"] is not None and units["on_hand"] is None:
        return BadRow(row, "expected", given["expected"], "expected goes with on_hand, not with change")
    return units


def decide(delta: StockDelta, on_hand: int, promised: int, authority: StockAuthority) -> int | BadRow:
    """The new on_hand of a level that holds `on_hand` with `promised` units reserved, allocated or unavailable; or why not."""
    if delta.expected is not None and delta.expected != on_hand:
        return BadRow(delta.row, "expected", str(delta.expected), f"{delta.location_id} holds {on_hand:,} of {delta.sku}: read it again")
    wanted = delta.on_hand if delta.on_hand is not None else on_hand + (delta.change or 0)
    field, value = ("on_hand", str(delta.on_hand)) if delta.on_hand is not None else ("change", str(delta.change))
    if wanted > MAX_UNITS:
        return BadRow(delta.row, field, value, f"that would be more than {MAX_UNITS:,} units")
    if wanted < 0:
        return BadRow(delta.row, field, value, f"{delta.location_id} holds only {on_hand:,} of {delta.sku}")
    if wanted >= promised:
        return wanted
    if authority is StockAuthority.RETAILER and delta.on_hand is not None:
        # Its word holds: nothing more may be sold. What is promised already stays promised, and somebody must look at it.
        return promised
    return BadRow(delta.row, field, value, f"{promised:,} units are already reserved, allocated or unavailable")


def _expected_on(text: str, at: datetime) -> str | None:
    """The day as ISO text, empty when nothing is said; None when it cannot be."""
    if text in {"", NOT_EXPECTED}:
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day.isoformat() if at.date() <= day <= at.date() + timedelta(days=EXPECTED_DAYS) else None


def _moment(text: str, at: datetime) -> datetime | None:
    if not text:
        return at
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return min(found, at) if found <= at + CLOCK_LEEWAY else None
