"""What stands between a market and its launch, with the exchange rates and tariffs of this installation."""

from collections.abc import Sequence
from datetime import date

from tradewind.adapters.fx import INVENTED
from tradewind.bootstrap import exchange_rates
from tradewind.bootstrap.paying import payment_capabilities
from tradewind.kit import system_clock
from tradewind.markets import Confirmations, Finding, launch_blockers, load_market, load_seller, rate_blockers, tariff_state
from tradewind.payments import launch_findings, load_methods
from tradewind.pricing import load_margins
from tradewind.settings import Settings


def rate_findings(settings: Settings, codes: Sequence[str], day: date, confirmations: Confirmations) -> list[Finding]:
    """What old, missing or invented exchange rates forbid in these markets."""
    rates, limit = exchange_rates(settings), load_margins(settings.own_rules).fx_max_age_days
    findings = list[Finding]()
    for market in (load_market(code, settings.own_rules) for code in codes):
        # Costs are in yuan, and the euro is the pivot of the ECB's table: a market needs its own currency against one of them.
        bases = ("USD", "CNY") if market.currency.code == "EUR" else ("EUR", "USD", "CNY")
        found = [one for base in bases if (one := rates.rate(base, market.currency.code, day)) is not None]
        newest = max((one.day for one in found), default=None)
        invented = any(INVENTED in one.source for one in found)
        findings += rate_blockers(market, newest, day, limit, confirmations, invented=invented)
    return findings


def market_blockers(settings: Settings, code: str, day: date, confirmations: Confirmations) -> list[Finding]:
    """Level, registrations, rules, tariff, stated gaps and ways to pay: everything that forbids a launch of the market on the day."""
    market, seller = load_market(code, settings.own_rules), load_seller(settings.rules_folder)
    methods, providers = load_methods(settings.own_rules), payment_capabilities(settings, system_clock)
    return [
        *launch_blockers(market, seller, day, confirmations, tariff_state(market)),
        *launch_findings(code, methods, providers),
    ]
