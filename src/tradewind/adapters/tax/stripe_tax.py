"""Sales tax from Stripe Tax (POST /v1/tax/calculations), through the official client.

A calculation is a create: it carries an idempotency key made from the caller's reference and the request, so that a retry after a lost
answer is the same calculation. What the provider does not answer is unknown, and is never taken for zero.
"""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from tradewind.adapters.tax.permits import SHIPPING, check_request, not_collected
from tradewind.kit import PPM, Clock, InputIsInvalid
from tradewind.markets import Seller
from tradewind.pricing import LineTax, TaxAddress, TaxLine, TaxResult, TaxStatus

STRIPE_URL = "https://api.stripe.com"
GOODS = "txcd_99999999"  # Stripe's code of tangible goods in general
TAX_CODES = {"clothing": "txcd_30011000"}
CONNECT_SECONDS, ANSWER_SECONDS, RETRIES = 3, 10, 2
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HIDDEN = "(hidden)"


class StripeTax:
    """The tax port over Stripe Tax. `tax_codes` maps product classes to Stripe's product tax codes; the others are goods in general."""

    def __init__(
        self,
        key: SecretStr,
        seller: Seller,
        clock: Clock,
        *,
        url: str = STRIPE_URL,
        tax_codes: Mapping[str, str] | None = None,
        answer_seconds: int = ANSWER_SECONDS,
        retries: int = RETRIES,
    ) -> None:
        address = urlsplit(url)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise InputIsInvalid(f'"{url}" is not an https address', hint="a secret key travels over https only")
        self._key, self._seller, self._clock = key, seller, clock
        self._url, self._codes = url, TAX_CODES if tax_codes is None else tax_codes
        self._limits = (CONNECT_SECONDS, answer_seconds, retries)
        self._client: Any = None
        self._http: Any = None

    def calculate(self, lines: Sequence[TaxLine], address: TaxAddress, shipping: int, currency: str, reference: str) -> TaxResult:
        """See TaxPort; unknown when Stripe did not answer in time or answered with a fault of its own."""
        import stripe

        check_request(lines, address, shipping, currency)
        free = not_collected(self._seller, self._clock().date(), lines, address, currency=currency, reference=reference)
        if free is not None:
            return free
        body = self._body(lines, address, shipping, currency)
        try:
            answer = self._opened().v1.tax.calculations.create(body, {"idempotency_key": _idempotency_key(reference, body)})
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            return self._ended(TaxStatus.UNKNOWN, currency, reference, error)
        except (stripe.AuthenticationError, stripe.PermissionError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
            return self._ended(TaxStatus.FAILED, currency, reference, error)
        except stripe.StripeError as error:
            return self._ended(TaxStatus.UNKNOWN, currency, reference, error)
        return _read(answer, lines, currency, reference)

    def close(self) -> None:
        """Closes the connections that are kept for the next calculation."""
        if self._http is not None:
            self._http.close()
        self._client = self._http = None

    def _opened(self) -> Any:
        if self._client is None:
            import stripe

            # The client's own log holds whole answers and addresses, and a refused key is quoted in them.
            logging.getLogger("stripe").setLevel(logging.CRITICAL)
            connect, answer, retries = self._limits
            self._http = stripe.RequestsClient(timeout=(connect, answer))
            self._client = stripe.StripeClient(
                self._key.get_secret_value(),
                base_addresses={"api": self._url},
                max_network_retries=retries,
                http_client=self._http,
            )
        return self._client

    def _body(self, lines: Sequence[TaxLine], address: TaxAddress, shipping: int, currency: str) -> dict[str, Any]:
        place = {"country": address.country, "state": address.state, "postal_code": address.postcode}
        place |= {name: value for name, value in (("city", address.city), ("line1", address.line)) if value}
        return {
            "currency": currency.lower(),
            "line_items": [
                {
                    "amount": line.amount,
                    "quantity": line.quantity,
                    "reference": line.line_id,
                    "tax_behavior": "exclusive",
                    "tax_code": self._codes.get(line.product_class or "", GOODS),
                }
                for line in lines
            ],
            "customer_details": {"address": place, "address_source": "shipping"},
            "shipping_cost": {"amount": shipping, "tax_behavior": "exclusive"},
            "expand": ["line_items.data.tax_breakdown"],
        }

    def _ended(self, status: TaxStatus, currency: str, reference: str, error: Exception) -> TaxResult:
        said = str(error).replace(self._key.get_secret_value(), _HIDDEN)
        return TaxResult(status, currency, (), None, 0, reference, f"Stripe Tax: {said}")


def _idempotency_key(reference: str, body: Mapping[str, Any]) -> str:
    """The same for the same attempt at the same basket: a changed basket under an old reference must not get the old answer."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:24]
    return f"tax-{reference}-{digest}"


def _read(answer: Any, lines: Sequence[TaxLine], currency: str, reference: str) -> TaxResult:
    try:
        found = {str(one.reference): _line(one, str(one.reference)) for one in answer.line_items.data}
        taxes = tuple(found[line.line_id] for line in lines)
        carried = _line(answer.shipping_cost, SHIPPING)
        total = int(answer.tax_amount_exclusive)
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        message = f"Stripe Tax: the answer lacks {error}"
        return TaxResult(TaxStatus.UNKNOWN, currency, (), None, 0, reference, message)
    summed = carried.amount + sum(one.amount for one in taxes)
    if summed != total or len(found) != len(lines):
        message = f"Stripe Tax: the lines add up to {summed}, its total is {total}"
        return TaxResult(TaxStatus.UNKNOWN, currency, (), None, 0, reference, message)
    return TaxResult(TaxStatus.SUCCEEDED, currency, taxes, carried, total, reference, str(answer.id))


def _line(item: Any, line_id: str) -> LineTax:
    parts = list(item.tax_breakdown or [])
    rates = [Decimal(part.tax_rate_details.percentage_decimal) for part in parts if part.tax_rate_details and part.taxable_amount]
    reasons = sorted({str(part.taxability_reason).replace("_", " ") for part in parts})
    places = [part.jurisdiction.display_name for part in parts if part.jurisdiction]
    rule = "stripe_tax." + ".".join(str(place).casefold().replace(" ", "_") for place in places[:2])
    return LineTax(line_id, int(item.amount_tax), int(sum(rates) * (PPM // 100)), rule.rstrip("."), "certain", ", ".join(reasons))
