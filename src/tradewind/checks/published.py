"""Published listings judged by the rules of two days."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tradewind.db import duck
from tradewind.listings import ATTRIBUTES, CHECKOUT_ATTRIBUTES, check
from tradewind.listings.conditions import Scope
from tradewind.listings.specification import Requirement
from tradewind.markets import Market
from tradewind.pipeline.published import PublishedFiles


@dataclass(frozen=True, slots=True)
class ListingsCheck:
    """How published listings are judged: the engine's limits, both days, and the retailer's own rules."""

    threads: int
    memory_limit_mb: int
    today: date
    day: date
    own: tuple[Requirement, ...] = ()

    def judge(self, files: PublishedFiles, market: Market, verdicts: Path | None = None) -> check.Judgement:
        """What the rules say of a market's listings; with `verdicts` every listing's verdict on the day is written there."""
        columns = (*ATTRIBUTES, *CHECKOUT_ATTRIBUTES)
        scope = Scope(market.country, market.currency.code, frozenset(columns), self.own)
        with duck.connect(threads=self.threads, memory_limit_mb=self.memory_limit_mb) as connection:
            check.prepare(connection, files.query, columns)
            found = check.judge_checked(connection, scope, market.code, self.today, self.day)
            if verdicts is not None:
                check.write_verdicts(connection, scope, self.day, verdicts)
        return found
