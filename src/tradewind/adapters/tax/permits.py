"""Without a permit no tax is collected: the answer that both adapters give for such a state, without asking anybody."""

from collections.abc import Sequence
from datetime import date

from tradewind.kit import InputIsInvalid
from tradewind.markets import US_STATES, Seller, registered
from tradewind.pricing import LineTax, TaxAddress, TaxLine, TaxResult, TaxStatus

SHIPPING = "shipping"
MAX_LINES = 100  # what Stripe takes in one calculation


def not_collected(
    seller: Seller, day: date, lines: Sequence[TaxLine], address: TaxAddress, *, currency: str, reference: str
) -> TaxResult | None:
    """Zero tax with its reason for a state without a permit, None where the tax must be calculated."""
    if registered(seller, "sales_tax_permit", f"US-{address.state}", day):
        return None
    rule, reason = (
        f"US-{address.state}.no_permit",
        f"not collected: no permit in {address.state}; the buyer owes use tax where the state has one",
    )
    taxes = tuple(LineTax(line.line_id, 0, 0, rule, "certain", reason) for line in lines)
    return TaxResult(TaxStatus.SUCCEEDED, currency, taxes, LineTax(SHIPPING, 0, 0, rule, "certain", reason), 0, reference, reason)


def check_request(lines: Sequence[TaxLine], address: TaxAddress, shipping: int, currency: str) -> None:
    """Refuses what no calculation may be made of: InputIsInvalid names the value."""
    if address.country != "US" or address.state not in US_STATES:
        where = f"{address.country}-{address.state}"
        raise InputIsInvalid(f'sales tax is not calculated for "{where}"', hint="give country US and a state as two capital letters")
    if currency != "USD":
        raise InputIsInvalid(f"sales tax is calculated in USD, not in {currency}", hint="convert the basket first")
    if not lines or len(lines) > MAX_LINES:
        raise InputIsInvalid(f"a basket of {len(lines)} lines cannot be taxed", hint=f"give 1 to {MAX_LINES} lines")
    if shipping < 0:
        raise InputIsInvalid(f"the shipping of {shipping} is negative", hint="give 0 or more cents")
    for line in lines:
        if line.amount < 0 or line.quantity < 1:
            raise InputIsInvalid(
                f"line {line.line_id}: amount {line.amount}, quantity {line.quantity}", hint="give 0 or more cents and 1 or more items"
            )
    if len({line.line_id for line in lines}) != len(lines):
        raise InputIsInvalid("two lines have the same id", hint="give each line its own")
