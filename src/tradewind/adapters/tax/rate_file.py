"""Sales tax from a file of jurisdiction rates. Answers at once, and says so when a rate is an average."""

from collections.abc import Sequence

from tradewind.adapters.tax.permits import SHIPPING, check_request, not_collected
from tradewind.kit import PPM, Clock, Rounding, divide
from tradewind.markets import Destination, SalesTaxRate, SalesTaxTable, Seller, parts_in_words
from tradewind.pricing import LineTax, TaxAddress, TaxLine, TaxResult, TaxStatus


class RateFileTax:
    """The tax port over a rate file and the seller's permits."""

    def __init__(self, table: SalesTaxTable, seller: Seller, clock: Clock) -> None:
        self._table, self._seller, self._clock = table, seller, clock

    def calculate(self, lines: Sequence[TaxLine], address: TaxAddress, shipping: int, currency: str, reference: str) -> TaxResult:
        """See TaxPort; fails when the file has no rate for the destination."""
        check_request(lines, address, shipping, currency)
        day = self._clock().date()
        free = not_collected(self._seller, day, lines, address, currency=currency, reference=reference)
        if free is not None:
            return free
        found = self._table.find(Destination(address.state, address.postcode, address.county, address.city), day)
        if found is None:
            message = f"the rates of {self._table.name} have none for {address.state} {address.postcode} on {day}"
            return TaxResult(TaxStatus.FAILED, currency, (), None, 0, reference, message)
        rate, is_disputed = found
        certainty = "estimate" if is_disputed else rate.certainty
        taxes = tuple(_line(rate, line, certainty) for line in lines)
        carried = _shipping(rate, shipping, certainty)
        total = carried.amount + sum(one.amount for one in taxes)
        return TaxResult(TaxStatus.SUCCEEDED, currency, taxes, carried, total, reference, rate.source)


def _line(rate: SalesTaxRate, line: TaxLine, certainty: str) -> LineTax:
    # Rounded up, so that a price of 109.995 an item is not taken for one below 110.00.
    if rate.exempts(line.product_class, divide(line.amount, line.quantity, Rounding.UP)):
        return LineTax(line.line_id, 0, 0, rate.rule_id, certainty, f"{line.product_class} is exempt in {rate.state}")
    return LineTax(line.line_id, _tax(line.amount, rate), rate.rate_ppm, rate.rule_id, certainty, parts_in_words(rate.parts) or rate.source)


def _shipping(rate: SalesTaxRate, shipping: int, certainty: str) -> LineTax:
    if rate.shipping_taxed is False:
        return LineTax(SHIPPING, 0, 0, rate.rule_id, certainty, f"shipping is exempt in {rate.state}")
    if rate.shipping_taxed is None:
        # Owed and not collected would be the seller's loss; what is collected too much can be given back.
        return LineTax(
            SHIPPING, _tax(shipping, rate), rate.rate_ppm, rate.rule_id, "estimate" if shipping else certainty, "not said: taken as taxed"
        )
    return LineTax(SHIPPING, _tax(shipping, rate), rate.rate_ppm, rate.rule_id, certainty, f"shipping is taxed in {rate.state}")


def _tax(amount: int, rate: SalesTaxRate) -> int:
    return divide(amount * rate.rate_ppm, PPM, Rounding.HALF_UP)
