"""Everything that an article must show or hold in a market on a day, in one list: for listings, order pages, parcels and people. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tradewind.markets.model import Market
from tradewind.markets.notices import Goods, Notice, Paper, notices_for, papers_for
from tradewind.markets.rows import PLACES
from tradewind.markets.rules import Confirmations
from tradewind.markets.seller import REGISTRATION_KINDS, Seller


@dataclass(frozen=True, slots=True)
class Required:
    """One notice or paper: the places where it stands, what of it the seller can show, and what is missing (empty: nothing)."""

    kind: str  # notice, paper
    topic: str
    rule_id: str
    places: tuple[str, ...]
    text: str
    source: str
    certainty: str
    shown: str = ""
    missing: str = ""


def required(
    market: Market,
    day: date,
    goods: Goods,
    seller: Seller,
    *,
    confirmations: Confirmations | None = None,
    flags: tuple[str, ...] | None = None,
) -> tuple[Required, ...]:
    """The notices, one a topic, then the papers. `flags` are those of `flags_for`, where they are known."""
    by_rule: dict[str, tuple[Notice, list[str]]] = {}
    for place in sorted(PLACES):
        for notice in notices_for(market, day, goods, seller, place, confirmations=confirmations):
            by_rule.setdefault(notice.rule_id, (notice, []))[1].append(place)
    papers = papers_for(market, day, goods, seller, confirmations=confirmations, flags=flags)
    found = [_notice(notice, tuple(places)) for notice, places in by_rule.values()]
    return (*found, *_papers(market, papers))


def _notice(one: Notice, places: tuple[str, ...]) -> Required:
    parties = [party for party in (one.maker.name if one.maker else "", one.person.holder if one.person else "") if party]
    missing = ""
    if one.topic == "product_safety":
        lacking = [words for words, party in (("the maker", one.maker), ("a responsible person", one.person)) if party is None]
        missing = f"{' and '.join(lacking)}: seller.toml" if lacking else ""
    return Required("notice", one.topic, one.rule_id, places, one.text, one.source, one.certainty, ", ".join(parties), missing)


def _papers(market: Market, papers: tuple[Paper, ...]) -> Iterator[Required]:
    places = {rule.id: rule.shown_on for rule in market.rules}
    for one in papers:
        shown = f"{one.registration.kind} {one.registration.number}".strip() if one.registration else ""
        kind = one.kind or ""
        missing = f"{REGISTRATION_KINDS.get(kind, kind)} ({kind}): seller.toml" if one.is_missing else ""
        yield Required("paper", one.topic, one.rule_id, places.get(one.rule_id, ()), one.text, one.source, one.certainty, shown, missing)
