"""Google's list for going live, as far as it can be seen from here; the rest is named as unknown, never as done.

Source: Google's merchant pages on the Universal Commerce Protocol as read on 2026-11-23.
"""

import statistics
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from uuid import uuid4

from tradewind.checks.ucp.buying import FAKE_HANDLER, Buyer, update
from tradewind.checks.ucp.doors import LOOPBACK
from tradewind.checks.ucp.model import CannotBeTried, NobodyHereKnows, must, wanted_at_launch
from tradewind.checks.ucp.player import Player

GOOGLE_PAY = "com.google.pay"
LINKS = ("terms_of_service", "privacy_policy", "refund_policy")
# Milliseconds at the median and at 95 %: what Google asks of each operation.
LIMITS_MS: Mapping[str, tuple[int, int]] = {"create_checkout": (1000, 4000), "update_checkout": (1000, 5000)}
TIMES = 20


def answers_are_fast(buyer: Buyer) -> str:
    """The median and the 95th percentile of each operation that Google limits, as one buyer after the other sees them from here."""
    took_ms = buyer.player.took_ms
    for _ in range(TIMES):
        body = {"line_items": buyer.lines(), "context": buyer.context()}
        session = buyer.player.ask("create_checkout", "POST", "/checkout-sessions", body)
        update(buyer, session, uuid4().hex)
    told = []
    for operation, (median, most) in LIMITS_MS.items():
        times: Sequence[float] = took_ms[operation]
        half, tail = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        must(half <= median and tail <= most, f"{operation}: median {half:.0f} ms of {median}, 95 % {tail:.0f} ms of {most}")
        told.append(f"{operation} median {half:.0f} ms, 95 % {tail:.0f} ms")
    return "; ".join(told)


def products_take_part(buyer: Buyer) -> str:
    """Which products Google may sell in its own checkout: those that the supplemental feed marks, and nothing else."""
    wanted_at_launch(buyer.marked, "no offer has native_commerce: open [checkout] in listing-attributes.toml, then run the shop again")
    out = [one.offer_id for one in buyer.offers if one.offer_id not in buyer.marked]
    told = f"{len(buyer.marked)} offers have native_commerce"
    if not out:
        return f"{told}, and all {len(buyer.offers)} that were looked at are among them"
    return f"{told}; {len(out)} of {len(buyer.offers)} that were looked at stay out (not new, restricted, or kept out by a rule), such as {out[0]}"


def policies_are_linked(buyer: Buyer) -> str:
    """Terms and privacy stand below Google's button, the return policy beside the product."""
    if not buyer.session:
        raise CannotBeTried("no checkout was made")
    kinds = {str(one["type"]) for one in buyer.session.get("links", [])}
    missing = [one for one in LINKS if one not in kinds]
    wanted_at_launch(not missing, f"{', '.join(missing)} not linked: name them under [links] in ucp.toml")
    return ", ".join(sorted(kinds))


def google_can_pay(player: Player) -> str:
    """The Google Pay handler with a merchant id of its own, in production."""
    handlers = player.profile["ucp"].get("payment_handlers", {})
    wanted_at_launch(GOOGLE_PAY in handlers, "no Google Pay handler: describe it under [google_pay] in ucp.toml")
    environment = handlers[GOOGLE_PAY][0].get("config", {}).get("environment")
    wanted_at_launch(environment == "PRODUCTION", f"the environment is {environment}")
    wanted_at_launch(FAKE_HANDLER not in handlers, "the fake bank is offered too: set TRADEWIND_PAYMENT_PROVIDERS")
    return "Google Pay in production"


def shop_is_public(player: Player) -> str:
    """Google reaches the shop by https on a public name."""
    parts = urlsplit(player.endpoint("rest"))
    wanted_at_launch(parts.scheme == "https" and parts.hostname not in LOOPBACK, f"the endpoint is {player.endpoint('rest')}")
    return str(parts.hostname)


def google_must_say(_player: Player) -> str:
    """What only Merchant Center can tell."""
    raise NobodyHereKnows("account in good standing, products approved for free listings, UCP access granted: look in Merchant Center")
