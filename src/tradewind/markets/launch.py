"""What stands between a market and its launch: the list that `market check --launch` prints and a launch obeys. Pure."""

from dataclasses import dataclass
from datetime import date

from tradewind.markets.findings import check
from tradewind.markets.model import Finding, Level, Market, Rule, RuleInForce, RuleKind
from tradewind.markets.rules import FX_RULE, Confirmations, rules_in_force
from tradewind.markets.seller import REGISTRATION_KINDS, Seller, registered

_STOPS = ("gap", "overlap", "expired", "successor")
_PERMIT = "sales_tax_permit"
_OWN_RATES = "give one in rates.csv: docs/how-to/update-exchange-rates.md"


@dataclass(frozen=True, slots=True)
class TariffState:
    """Whether the retailer has loaded a market's official tariff, and which edition."""

    loaded: bool
    edition: str = ""


def tariff_state(market: Market) -> TariffState:
    """Whether the market's general rates stand on a loaded table; members of a bloc share that of the bloc."""
    found = next((layer.loaded for layer in market.tariff if layer.is_base and layer.loaded is not None), None)
    return TariffState(loaded=found is not None, edition=str(found.edition or "") if found else "")


def gaps_rule(market: Market) -> str:
    """The name under which a person confirms that a launchable market may open with its stated gaps."""
    return f"{market.code}.gaps"


def launch_blockers(  # noqa: PLR0917 - the five things a launch depends on, as the contract names them
    market: Market,
    seller: Seller,
    day: date,
    confirmations: Confirmations,
    tariff_state: TariffState | None = None,
    goods: tuple[str, ...] | None = None,
) -> tuple[Finding, ...]:
    """Everything that forbids a launch on the day. `goods` are the HS codes that will be sold; None stands for any."""
    return (
        *_level(market),
        *_seller(market, seller),
        *_registrations(market, seller, day, confirmations, goods),
        *_permits(market, seller, day),
        *_rules(market, day, confirmations),
        *_tariff(market, tariff_state),
        *_stated_gaps(market, day, confirmations),
    )


def tax_collected(market: Market, seller: Seller, day: date, confirmations: Confirmations) -> bool:
    """Whether the seller holds what the market's tax asks for; where no rule asks for a registration, the tax is collected."""
    return not [
        one for one in _asking(market, day, confirmations) if one.rule.kind is not RuleKind.PAPER and not _held(one, market, seller, day)
    ]


def rate_blockers(
    market: Market, newest: date | None, day: date, limit_days: int, confirmations: Confirmations, *, invented: bool = False
) -> tuple[Finding, ...]:
    """What old exchange rates forbid: `newest` is the day of the newest rate of the market's currency, None when there is none.

    Prices stay on the safe side meanwhile: they are estimates, and a launch waits for newer rates or for a person's word.
    """
    way_out = f"tradewind fx update, or tradewind market confirm {FX_RULE} --until DATE --by NAME"
    if newest is None:
        message = f"no exchange rate turns anything into {market.currency}"
        return (Finding(market.code, "fx_missing", FX_RULE, message, _OWN_RATES),)
    if invented:
        message = f"the exchange rate of {market.currency} is invented for the demo"
        return (Finding(market.code, "fx_invented", FX_RULE, message, _OWN_RATES),)
    if (day - newest).days <= limit_days or _confirmed(FX_RULE, day, confirmations):
        return ()
    message = f"the newest exchange rate of {market.currency} is of {newest}, older than {limit_days} days: its prices are estimates"
    return (Finding(market.code, "expired", FX_RULE, message, way_out),)


def _level(market: Market) -> list[Finding]:
    if market.level is Level.LAUNCHABLE:
        return []
    message = f"{market.name} is only priceable: its rules give a price with gaps, and were not written to sell by"
    return [Finding(market.code, "level", "level", message, 'complete its rules, then write level = "launchable" in your own file of it')]


def _seller(market: Market, seller: Seller) -> list[Finding]:
    if not seller.invented:
        return []
    message = f'the seller "{seller.name}" is invented (signed {seller.signed_by})'
    return [Finding(market.code, "seller", "seller", message, "write your own seller.toml: docs/how-to/register-a-seller.md")]


def _registrations(market: Market, seller: Seller, day: date, confirmations: Confirmations, goods: tuple[str, ...] | None) -> list[Finding]:
    findings = []
    for one in _asking(market, day, confirmations):
        if _concerns(one.rule, goods) and not _held(one, market, seller, day):
            kind = one.rule.registration or ""
            words = REGISTRATION_KINDS.get(kind, kind)
            consequence = "" if one.rule.kind is RuleKind.PAPER else "; its tax is therefore not collected"
            message = f"no {words} ({kind}) for {market.country} on {day}, which {one.rule.id} asks for{consequence}"
            hint = f'add kind = "{kind}" to seller.toml ({one.rule.source}); tradewind seller check --market {market.code}'
            findings.append(Finding(market.code, "registration", one.rule.id, message, hint))
    return findings


def _permits(market: Market, seller: Seller, day: date) -> list[Finding]:
    """Sales tax is a matter of each state: with no permit at all, no state of the market can be opened."""
    if market.country != "US" or permit_states(seller, day):
        return []
    message = f"no sales tax permit of any state on {day}: its tax is not collected, and no state can be launched"
    return [Finding(market.code, "registration", _PERMIT, message, f'add kind = "{_PERMIT}", jurisdiction = "US-CA" to seller.toml')]


def _asking(market: Market, day: date, confirmations: Confirmations) -> list[RuleInForce]:
    found = [one for kind in RuleKind for one in rules_in_force(market, kind, day, confirmations)]
    return [one for one in found if one.rule.registration is not None]


def _held(one: RuleInForce, market: Market, seller: Seller, day: date) -> bool:
    kind = one.rule.registration or ""
    return registered(seller, kind, market.country, day) is not None


def permit_states(seller: Seller, day: date) -> tuple[str, ...]:
    """The states ("CA", "TX") whose sales tax the seller may collect on the day."""
    held = {one.jurisdiction.removeprefix("US-") for one in seller.registrations if one.kind == _PERMIT and one.holds(day)}
    return tuple(sorted(held))


def _concerns(rule: Rule, goods: tuple[str, ...] | None) -> bool:
    if not rule.hs or goods is None:
        return True
    return any(code.startswith(prefix) or prefix.startswith(code) for code in goods for prefix in rule.hs)


def _rules(market: Market, day: date, confirmations: Confirmations) -> list[Finding]:
    findings = check(market, day, confirmations)
    stopping = [one for one in findings if one.code in _STOPS]
    disputed = [one for one in findings if one.code == "disputed" and not _confirmed(one.rule, day, confirmations)]
    way_out = "tradewind market confirm {} --until DATE --by NAME, after asking an adviser"
    return [*stopping, *(Finding(one.market, one.code, one.rule, one.message, way_out.format(one.rule)) for one in disputed)]


def _confirmed(rule: str, day: date, confirmations: Confirmations) -> bool:
    found = confirmations.get(rule)
    return found is not None and day <= found.until


def _tariff(market: Market, state: TariffState | None) -> list[Finding]:
    if not market.tariff_to_load or (state is not None and state.loaded):
        return []
    message = f"{market.name} has only the sample tariff, and no open one exists"
    return [Finding(market.code, "tariff", "tariff", message, f"tradewind tariff load FILE --market {market.code}")]


def _stated_gaps(market: Market, day: date, confirmations: Confirmations) -> list[Finding]:
    name = gaps_rule(market)
    if not market.gaps or (market.level is Level.LAUNCHABLE and _confirmed(name, day, confirmations)):
        return []
    hint = f"tradewind market confirm {name} --until DATE --by NAME" if market.level is Level.LAUNCHABLE else "see tradewind market show"
    return [Finding(market.code, "gap_stated", name, f"its rules leave this out: {gap}", hint) for gap in market.gaps]
