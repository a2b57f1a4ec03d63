"""What a row of a stock file must be."""

from tradewind.stock.model import BadRow, StockCount

HEADER = ("sku", "location_id", "on_hand")
MAX_UNITS = 1_000_000_000
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
