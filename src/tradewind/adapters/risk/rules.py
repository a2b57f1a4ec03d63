"""The rule-based assessor: every rule that speaks adds its reason, and the gravest word counts."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any

from tradewind.adapters.risk.lists import DeniedParties, Forwarders
from tradewind.payments import CardFacts, PaymentDataIsInvalid, RiskRequest, RiskVerdict, Velocity, Verdict

FILE = "risk.toml"
_OWN = resources.files("tradewind.adapters.risk").joinpath("data", FILE)
_HINT = "compare it with docs/how-to/take-payments.md"
_GRAVITY = {Verdict.ACCEPT: 0, Verdict.REVIEW: 1, Verdict.REFUSE: 2}
_COUNTED = {
    "by_email": "the same e-mail address",
    "by_address": "the same postal address",
    "by_network": "the same network address",
    "by_card": "the same card",
    "failed": "these, failed",
}
_CARD_RULES = ("cvc_fails", "postcode_fails", "both_fail", "country_differs")
Said = tuple[Verdict, str]


@dataclass(frozen=True, slots=True)
class RiskRules:
    """The numbers and verdicts of a risk.toml; limits are (review, refuse) counts within 24 hours."""

    limits: Mapping[str, tuple[int, int]]
    card: Mapping[str, Verdict]
    forwarder: Verdict
    same_name: Verdict
    similar_name: Verdict
    similarity_percent: int
    review_above: Mapping[str, int] = field(default_factory=dict)


class RuleBasedRisk:
    """See RiskPort. It knows nothing but the request, its rules and its lists."""

    def __init__(self, rules: RiskRules, denied: DeniedParties, forwarders: Forwarders) -> None:
        self._rules, self._denied, self._forwarders = rules, denied, forwarders

    def assess(self, request: RiskRequest) -> RiskVerdict:
        """The gravest verdict of all rules, with the reasons of those that are not content."""
        said = [one for one in self._say(request) if one[0] is not Verdict.ACCEPT]
        gravest = max((verdict for verdict, _ in said), key=lambda verdict: _GRAVITY[verdict], default=Verdict.ACCEPT)
        return RiskVerdict(gravest, tuple(reason for _, reason in said))

    def _say(self, request: RiskRequest) -> Iterator[Said]:
        yield from self._names(request)
        yield from self._counts(request.velocity)
        forwarder = self._forwarders.find(request.recipient)
        if forwarder is not None:
            yield self._rules.forwarder, f"the address is that of a forwarder: {forwarder}"
        limit = self._rules.review_above.get(request.amount.currency.code)
        if limit is not None and request.amount.minor > limit:
            yield Verdict.REVIEW, f"{request.amount} is above the amount that passes without a look"
        if request.card is not None:
            yield from self._cards(request.card, request.recipient.country or request.buyer.country)

    def _names(self, request: RiskRequest) -> Iterator[Said]:
        people = {request.buyer.name: request.buyer, request.recipient.name: request.recipient}
        for person in people.values():
            match = self._denied.find(person, self._rules.similarity_percent)
            if match is None:
                continue
            party = match.party
            elsewhere = bool(party.country and person.country and party.country != person.country)
            # The same name in another country is more often another person: somebody looks.
            verdict = self._rules.similar_name if elsewhere or not match.same_name else self._rules.same_name
            yield verdict, f'"{person.name}" is {match.percent} % like "{party.name}" ({party.country or "no country"}) of {party.source}'

    def _counts(self, velocity: Velocity) -> Iterator[Said]:
        for name, (review, refuse) in self._rules.limits.items():
            count = getattr(velocity, name)
            if count >= review:
                yield (
                    Verdict.REFUSE if count >= refuse else Verdict.REVIEW,
                    f"{count} payments within 24 hours from {_COUNTED[name]}",
                )

    def _cards(self, card: CardFacts, country: str) -> Iterator[Said]:
        wrong = (card.cvc_check == "fail", card.postcode_check == "fail")
        if all(wrong):
            yield self._rules.card["both_fail"], "the security code and the postcode of the card are wrong"
        elif wrong[0]:
            yield self._rules.card["cvc_fails"], "the security code of the card is wrong"
        elif wrong[1]:
            yield self._rules.card["postcode_fails"], "the postcode of the card is wrong"
        if card.country and country and card.country != country:
            yield self._rules.card["country_differs"], f"the card is of {card.country}, the goods go to {country}"


def load_rules(folder: Path | None = None) -> RiskRules:
    """The rules of the retailer's folder (its risk.toml), else those of the package. PaymentDataIsInvalid."""
    own = folder / FILE if folder is not None else None
    return parse_rules(own.read_text("utf-8") if own is not None and own.is_file() else _OWN.read_text("utf-8"))


def parse_rules(text: str) -> RiskRules:
    """The rules that a TOML text describes. PaymentDataIsInvalid names what is wrong."""
    try:
        table = tomllib.loads(text)
        _refuse_unknown(table, ("velocity", "card", "address", "denied", "amount"))
        limits = {name: _limit(name, row) for name, row in table.get("velocity", {}).items()}
        card = {name: Verdict(table["card"][name]) for name in _CARD_RULES}
        denied = table["denied"]
        percent = denied["similarity_percent"]
        if type(percent) is not int or not 50 <= percent <= 100:
            raise ValueError("similarity_percent is a whole number from 50 to 100")
        above = {code: _whole(code, amount) for code, amount in table.get("amount", {}).items()}
        names = (Verdict(denied["same_name"]), Verdict(denied["similar_name"]))
        return RiskRules(limits, card, Verdict(table["address"]["forwarder"]), *names, percent, above)
    except tomllib.TOMLDecodeError as error:
        raise PaymentDataIsInvalid(f"{FILE} is not TOML: {error}", hint=_HINT) from None
    except KeyError as error:
        raise PaymentDataIsInvalid(f"{FILE}: {error} is missing", hint=_HINT) from None
    except (ValueError, TypeError, AttributeError) as error:
        raise PaymentDataIsInvalid(f"{FILE}: {error}", hint=_HINT) from None


def _limit(name: str, row: Mapping[str, Any]) -> tuple[int, int]:
    if name not in {one.name for one in fields(Velocity)}:
        raise ValueError(f"{name} is not counted; counted are {', '.join(_COUNTED)}")
    review, refuse = _whole(name, row["review"]), _whole(name, row["refuse"])
    if review > refuse:
        raise ValueError(f"{name}: refuse comes before review")
    return review, refuse


def _whole(name: str, value: object) -> int:
    if type(value) is not int or value <= 0:
        raise ValueError(f"{name}: {value!r} is not a whole number above 0")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ValueError(f"{unknown[0]} is not a part of it; parts are {', '.join(known)}")
