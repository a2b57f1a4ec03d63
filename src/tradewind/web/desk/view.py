"""What the desk's templates need besides the values of the pipeline: words, tones, money, addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tradewind.kit import Currency, Money
from tradewind.markets import postal_lines
from tradewind.offers.store import Publication
from tradewind.pipeline import reading
from tradewind.pipeline.reading import MarketSummary, RunSummary
from tradewind.web.desk.keys import Visit
from tradewind.web.errors import DeskRefused, PageNotFound
from tradewind.web.house import House
from tradewind.web.speech import Speech, speech

BAR_WIDTH = 1000
FINDINGS_OPEN = 5
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
_TONES = {
    "published": "good",
    "waiting": "warn",
    "rejected": "bad",
    "rolled_back": "bad",
    "ok": "good",
    "warning": "warn",
    "limited": "warn",
    "disapproved": "bad",
    "demoted": "warn",
    "open": "good",
    "canceled": "bad",
    "on_hold": "warn",
    "shipped": "good",
    "delivered": "good",
    "completed": "good",
    "succeeded": "good",
    "failed": "bad",
    "unknown": "warn",
    "pending": "warn",
    "review": "warn",
    "refuse": "bad",
    "accept": "good",
    "needs_response": "bad",
    "under_review": "warn",
    "won": "good",
    "lost": "bad",
}
_SURE = {"measured": "good", "supplier": "good", "person": "good", "derived": "warn", "category_default": "warn", "missing": "bad"}


@dataclass(frozen=True, slots=True)
class Action:
    """A decision that a person can take about a market."""

    name: str
    verb: str
    done: str
    danger: bool


ACTIONS = {
    "approve": Action("approve", "Approve and publish", "Approved and published.", danger=False),
    "reject": Action("reject", "Reject", "Rejected. The market shows what it showed before.", danger=True),
    "rollback": Action("rollback", "Roll back", "Rolled back. Pages and feeds show the previous run.", danger=True),
}


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page of the desk for one visitor."""

    house: House
    visit: Visit
    token: str

    @property
    def speech(self) -> Speech:
        return speech("en", "US")

    def link(self, *parts: str, **query: str | None) -> str:
        """The address of a page below /desk/runs."""
        given = {key: value for key, value in query.items() if value}
        path = "/".join(quote(part, safe="") for part in ("desk", "runs", *parts))
        return f"/{path}" + (f"?{urlencode(given)}" if given else "")

    def query(self, path: str, **query: str | None) -> str:
        """The address of any page of the desk with the parts of the query that are not empty."""
        given = {key: value for key, value in query.items() if value}
        return path + (f"?{urlencode(given)}" if given else "")

    def money(self, minor: int, currency: str) -> str:
        return self.speech.money(Money(minor, Currency(currency)))

    def picture(self, address: str) -> str:
        """Our own pictures come from this host, whether they are named by address or by path."""
        if address.startswith(("http://", "https://")):
            return address.removeprefix(self.house.settings.public_url)
        return f"/media/{quote(address.lstrip('/'))}"

    def country(self, market: str) -> str:
        return self.speech.country_name(self.house.market(market).country)

    def postal(self, place: Mapping[str, Any]) -> tuple[str, ...]:
        return postal_lines(place)

    def state(self, state: str) -> str:
        return state.replace("_", " ")

    @property
    def findings_shown(self) -> int:
        """How many findings of the gate stand open; the others are folded."""
        return FINDINGS_OPEN

    def sample(self, after: str) -> str:
        """What comes, in words where it is a reason to stay at home."""
        return reading.words(after).text if _CODE.fullmatch(after) else after

    def words(self, code: str) -> str:
        """A reason's code as the few words that fit on a button: "missing cost"."""
        return code.removeprefix("price_problem_").replace("_", " ").capitalize().replace(" hs", " tariff code").replace("gtin", "GTIN")

    def tone(self, word: str | None) -> str:
        """The color class of a state or verdict; the word itself is always shown too."""
        return _TONES.get(word or "", "")

    def sure(self, provenance: str) -> str:
        """The color class of a provenance: what was measured or said, what was worked out, what is missing."""
        return _SURE.get(provenance, "")

    def bar(self, part: int, whole: int) -> int:
        """The share in thousandths, for the width of a bar."""
        return part * BAR_WIDTH // whole if whole else 0

    def shown(self, value: Any) -> str:
        """A value of a source row or attribute as text."""
        if isinstance(value, (list, tuple)):
            return ", ".join(self.shown(one) for one in value)
        return "" if value is None else str(value)


def market_of(run: RunSummary, market: str) -> MarketSummary:
    """The market's part of a run."""
    for part in run.markets:
        if part.market == market:
            return part
    covered = ", ".join(part.market for part in run.markets)
    raise PageNotFound(f'the run {run.run_id} has no market "{market}"', hint=f"it covers {covered}")


def consequence(action: str, part: MarketSummary, shown: Publication | None) -> list[str]:
    """What the decision changes, in numbers. DeskRefused when it is not possible now."""
    now = f"{shown.offers_count:,} offers of {shown.run_id}" if shown else "nothing"
    market = part.market.upper()
    if action == "rollback":
        if shown is None or shown.previous_run_id is None:
            raise DeskRefused(f"{market} has no earlier publication to go back to", hint="see the list of runs")
        return [
            f"{market} shows {now} now, published {shown.published_at:%F %H:%M} UTC.",
            f"After this it shows {shown.previous_run_id} again: pages, sitemaps and feeds, within a minute.",
        ]
    if part.state not in {"waiting", "computed"}:
        raise DeskRefused(
            f"{market} is {part.state.replace('_', ' ')} in this run, so there is nothing to {action}", hint="see the list of runs"
        )
    if action == "reject":
        return [f"{market} keeps showing {now}.", f"The {part.chosen:,} offers of this run are not published; the decision is recorded."]
    return [
        f"{market} shows {now} now. After this it shows {part.chosen:,} offers.",
        f"{part.new:,} are new, {part.changed:,} change, {part.gone:,} vanish, {part.unchanged:,} stay as they are.",
        f"The gate had {len(part.findings)} objection{'' if len(part.findings) == 1 else 's'}; you publish in spite of {'it' if len(part.findings) == 1 else 'them'}."
        if part.findings
        else "The gate had no objection.",
    ]
