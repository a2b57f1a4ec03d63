"""A run's plan: what each market's shards must know of the rules, resolved once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tradewind.allocation import lane_book
from tradewind.assortment import load_policy
from tradewind.content import glossary
from tradewind.kit import InputIsInvalid
from tradewind.listings import attribute_book, resolve
from tradewind.markets import (
    FX_RULE,
    Confirmations,
    Level,
    Market,
    Seller,
    check,
    load_confirmations,
    load_market,
    load_seller,
    return_days,
)
from tradewind.network import Network, load_network
from tradewind.pipeline.errors import MarketIsNotLaunchable
from tradewind.pipeline.model import MarketPlan
from tradewind.pricing import MarginTable, PriceBook, RateHistory, load_margins, load_prices, price_book

MAX_MARKETS = 60
CONFIRMATIONS = "confirmations"
# Books name the day they were resolved for. Two days with the same rules make the same rows, so the day itself does not count.
_ANY_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class RuleSources:
    """Where the rules come from: the retailer's folder beside the package's own data, and the persons' confirmations."""

    folder: Path | None
    confirmations: Confirmations
    rates: RateHistory
    public_url: str
    seller: Seller | None = None  # None: the package's invented one


def rule_sources(home: Path, folder: Path | None, rates: RateHistory, public_url: str) -> RuleSources:
    """The sources of a workspace: confirmations lie in its folder `confirmations`."""
    return RuleSources(folder, load_confirmations(home / CONFIRMATIONS), rates, public_url, load_seller(folder))


def plan_markets(codes: Sequence[str], as_of: date, sources: RuleSources) -> tuple[MarketPlan, ...]:
    """One plan for each market, in the order given; an unknown market or a rule that is missing on that day is an error."""
    wanted = tuple(dict.fromkeys(code.strip().lower() for code in codes if code.strip()))
    if not 1 <= len(wanted) <= MAX_MARKETS:
        raise InputIsInvalid(f"a run covers 1 to {MAX_MARKETS} markets, not {len(wanted)}", hint="tradewind run --markets us,de,th")
    network, margins = load_network(sources.folder), load_margins(sources.folder)
    markets = [load_market(code, sources.folder) for code in wanted]
    for market in markets:
        _refuse_priceable(market)
    return tuple(_plan(market, as_of, sources, network=network, margins=margins) for market in markets)


def _refuse_priceable(market: Market) -> None:
    """A market whose rules have stated gaps is for looking at prices; a run publishes, and nobody sells there by accident."""
    if market.level is Level.PRICEABLE:
        raise MarketIsNotLaunchable(
            f"{market.name} ({market.code}) can be priced, not run: {len(market.gaps)} gaps are stated",
            hint=f"tradewind market show {market.code} lists them; look at a price with: tradewind price explain SKU --market {market.code}",
        )


def _plan(market: Market, as_of: date, sources: RuleSources, *, network: Network, margins: MarginTable) -> MarketPlan:
    plan = MarketPlan(
        market=market.code,
        country=market.country,
        as_of=as_of,
        languages=market.languages,
        currency=market.currency.code,
        tax_included=market.tax_included,
        return_days=return_days(market, as_of, sources.confirmations),
        public_url=sources.public_url,
        price=price_book(market, as_of, network, sources.rates, margins, sources.confirmations, sources.seller),
        lanes=lane_book(market, network, as_of),
        policy=load_policy(market.code, sources.folder),
        glossary=glossary(market.languages),
        attributes=attribute_book(market, as_of, sources.folder, sources.confirmations, network),
        digest="",
        set_prices=tuple(row for row in load_prices(sources.folder).rows if row.market == market.code and row.holds(as_of)),
    )
    return replace(plan, digest=_digest(plan), notes=standing(market, as_of, sources.confirmations, plan.price))


def standing(market: Market, as_of: date, confirmations: Confirmations, price: PriceBook) -> tuple[str, ...]:
    """Every rule of the market that has run out by then: whose word it stands on, or that nobody has given one."""
    ended = [finding.rule for finding in check(market, as_of, {}) if finding.code == "expired"]
    if any(rate.certainty == "likely" for rate in price.fx):
        ended.append(FX_RULE)
    notes = []
    for rule in dict.fromkeys(ended):
        word = confirmations.get(rule)
        if word is not None and as_of <= word.until:
            notes.append(f'{rule} has run out; taken to hold until {word.until} on the word of "{word.by}"')
        else:
            notes.append(f"{rule} has run out, and nobody has confirmed it: tradewind market confirm {rule} --until DATE --by NAME")
    return tuple(notes)


def _priced(book: PriceBook) -> str:
    """What of the book makes prices: a rate that is kept is the same rate on a later day, whatever it was compared with."""
    rates = tuple(replace(rate, day=_ANY_DAY, source="") for rate in book.fx)
    return replace(book, as_of=_ANY_DAY, fx=rates).digest


def _digest(plan: MarketPlan) -> str:
    facts = [
        (plan.market, plan.country, plan.languages, plan.currency, plan.tax_included, plan.return_days, plan.public_url),
        _priced(plan.price),
        replace(plan.lanes, as_of=_ANY_DAY).digest,
        plan.policy.digest,
        plan.glossary.digest,
        plan.attributes.digest,
        repr(resolve(plan.country, plan.as_of).rules),
        [(row.sku, row.kind.value, str(row.price)) for row in plan.set_prices],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
