"""A stand-in for Stripe Tax on the wire: POST /v1/tax/calculations with Stripe's fields, keys, idempotency and faults, on loopback.

It knows rates by state, keeps answers by idempotency key as the provider does, and can be told to fail. It decides no tax law.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tradewind.emulators.answering import serve_json
from tradewind.kit import PPM, Rounding, divide

PATH = "/v1/tax/calculations"


@dataclass
class TaxProvider:
    """What the stand-in knows and remembers. `faults` are statuses to answer with, one a request; 0 closes the connection unanswered."""

    key: str
    rates_ppm: Mapping[str, int]
    shipping_taxed: bool = True
    faults: list[int] = field(default_factory=list)
    delay_seconds: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, authorization: str, key: str, body: str) -> tuple[int, dict[str, Any]]:
        """The status and JSON of one request."""
        fields = dict(parse_qsl(body))
        self.requests.append({"key": key, "fields": fields})
        if self.faults:
            status = self.faults.pop(0)
            return status, _error("api_error" if status >= 500 else "invalid_request_error", f"a fault of {status}")
        if authorization != f"Bearer {self.key}":
            shown = authorization.removeprefix("Bearer ")
            return 401, _error("invalid_request_error", f"Invalid API Key provided: {shown}")
        if key in self.answers:
            return 200, self.answers[key]
        calculated = self._calculation(fields)
        if calculated is None:
            return 400, _error("invalid_request_error", "the address has no state that taxes can be calculated for")
        self.answers[key] = calculated
        return 200, calculated

    def _calculation(self, fields: Mapping[str, str]) -> dict[str, Any] | None:
        state = fields.get("customer_details[address][state]", "")
        rate = self.rates_ppm.get(state)
        if rate is None:
            return None
        count = sum(1 for name in fields if name.endswith("][amount]") and name.startswith("line_items"))
        lines = [self._line(fields, f"line_items[{index}]", state, rate) for index in range(count)]
        shipping = self._item(int(fields.get("shipping_cost[amount]", "0")), state, rate if self.shipping_taxed else 0)
        return {
            "id": f"taxcalc_{len(self.answers) + 1}",
            "object": "tax.calculation",
            "currency": fields["currency"],
            "line_items": {"object": "list", "data": lines, "has_more": False},
            "shipping_cost": shipping,
            "tax_amount_exclusive": shipping["amount_tax"] + sum(one["amount_tax"] for one in lines),
            "tax_amount_inclusive": 0,
        }

    def _line(self, fields: Mapping[str, str], prefix: str, state: str, rate: int) -> dict[str, Any]:
        own = {"object": "tax.calculation_line_item", "reference": fields[f"{prefix}[reference]"]}
        return own | self._item(int(fields[f"{prefix}[amount]"]), state, rate)

    def _item(self, amount: int, state: str, rate: int) -> dict[str, Any]:
        tax = divide(amount * rate, PPM, Rounding.HALF_UP)
        percent = f"{rate // 10_000}.{rate % 10_000:04d}".rstrip("0").rstrip(".")
        part = {
            "amount": tax,
            "jurisdiction": {"country": "US", "display_name": state, "level": "state", "state": state},
            "taxability_reason": "standard_rated" if rate else "product_exempt",
            "taxable_amount": amount if rate else 0,
            "tax_rate_details": {"display_name": "Sales Tax", "percentage_decimal": percent, "tax_type": "sales_tax"} if rate else None,
        }
        return {"amount": amount, "amount_tax": tax, "tax_behavior": "exclusive", "tax_breakdown": [part]}


@contextmanager
def serve_tax(provider: TaxProvider) -> Iterator[str]:
    """Answers on a free loopback port while the block runs; gives the address."""
    waiting = threading.Event()

    def answer(_method: str, path: str, headers: Mapping[str, str], body: str) -> tuple[int, dict[str, Any]] | None:
        waiting.wait(provider.delay_seconds)
        if provider.faults and provider.faults[0] == 0:
            provider.faults.pop(0)
            return None
        if path != PATH:
            return 404, _error("invalid_request_error", f"Unrecognized request URL (POST: {path})")
        return provider.answer(headers.get("Authorization", ""), headers.get("Idempotency-Key", ""), body)

    with serve_json(answer) as address:
        try:
            yield address
        finally:
            waiting.set()


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message}}
