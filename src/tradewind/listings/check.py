"""What the rules of a day say of rendered listings: verdicts, findings with samples, and the revenue at risk.

Every condition is evaluated once, over the whole table, for two days together: the rules of both days are bits of a few numbers,
the table is grouped by these numbers, and what each rule means on which day is read off the few groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tradewind.listings.conditions import Check, Scope, apparel_sql, checks, masks_sql, quoted, shown
from tradewind.listings.errors import RuleIsInvalid
from tradewind.listings.specification import SEVERITIES, specification

SAMPLES = 3
BITS = 60
OK = "ok"
DISAPPROVED = SEVERITIES[0]
BY_SALES = "price × units sold"
BY_PRICE = "price × offers (no sales are known)"


@dataclass(frozen=True, slots=True)
class Sample:
    """One listing that breaks a rule, and the value it has."""

    offer_id: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule. A severity is None on a day when the rule does not hold; `revenue_minor` is that of the listings that break it."""

    rule: str
    attribute: str
    now: str | None
    then: str | None
    offers: int
    revenue_minor: int
    action: str
    source: str
    valid_from: date | None
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a market's listings are worth under the rules of `today` and of `day`.

    `newly_disapproved` and `at_risk_minor` are the listings that are refused on the day and not today; `refused_minor` all that are
    refused on the day. `basis` says what revenue is: price times units sold where sales are known.
    """

    market: str
    country: str
    currency: str
    today: date
    day: date
    offers: int
    verdicts_now: Mapping[str, int]
    verdicts_then: Mapping[str, int]
    newly_disapproved: int
    at_risk_minor: int
    refused_minor: int
    basis: str
    findings: tuple[Finding, ...]
    unknown: Mapping[str, str]

    @property
    def breaks(self) -> bool:
        """Whether any listing is refused on the day."""
        return self.verdicts_then.get(DISAPPROVED, 0) > 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Listings that break the same rules."""

    broken: frozenset[int]
    offers: int
    price_minor: int
    sales_minor: int
    ids: tuple[str, ...]


def prepare(connection: duckdb.DuckDBPyConnection, source: str, columns: Sequence[str]) -> None:
    """Make the view `checked` of a query with the attributes `columns` and offer_id, image_width, image_height, recorded, price_minor, sold."""
    digits = "case when regexp_matches(gtin, '^[0-9]{8,14}$') then gtin::bigint end" if "gtin" in columns else "null::bigint"
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW checked AS SELECT *, {digits} AS gtin_digits, {apparel_sql(columns)} AS is_apparel FROM ({source})"
    )
    for name in ("gtin", "id"):
        rows = f"SELECT {name} FROM ({source}) WHERE {name} IS NOT NULL GROUP BY 1 HAVING count(*) > 1" if name in columns else "SELECT ''"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE repeated_{name} AS {rows}")


def judge_checked(connection: duckdb.DuckDBPyConnection, scope: Scope, market: str, today: date, day: date) -> Judgement:
    """Judge the view `checked` by the rules of both days; RuleIsInvalid when an own rule's pattern is none of the engine's."""
    _try_patterns(connection, scope)
    now, then = checks(scope, today), checks(scope, day)
    order = list((now | then).values())
    groups = _groups(connection, order)
    basis = BY_SALES if any(group.sales_minor for group in groups) else BY_PRICE

    def revenue(chosen: Sequence[_Group]) -> int:
        return sum(group.sales_minor if basis == BY_SALES else group.price_minor for group in chosen)

    verdict_now = {group.broken: _verdict(group.broken, order, now) for group in groups}
    verdict_then = {group.broken: _verdict(group.broken, order, then) for group in groups}
    refused = [group for group in groups if verdict_then[group.broken] == DISAPPROVED]
    newly = [group for group in refused if verdict_now[group.broken] != DISAPPROVED]
    samples = _samples(connection, order, groups)
    findings = []
    for place, check in enumerate(order):
        hit = [group for group in groups if place in group.broken]
        if hit:
            severities = [one.severity if (one := rules.get(check.id)) else None for rules in (now, then)]
            findings.append(
                Finding(
                    check.id, check.attribute, severities[0], severities[1], sum(group.offers for group in hit), revenue(hit), check.action,
                    check.source, None if check.valid_from == date.min else check.valid_from, samples[place],
                )
            )  # fmt: skip
    return Judgement(
        market, scope.country, scope.currency, today, day, sum(group.offers for group in groups), _counts(groups, verdict_now),
        _counts(groups, verdict_then), sum(group.offers for group in newly), revenue(newly), revenue(refused), basis,
        tuple(sorted(findings, key=lambda one: (_rank(one.then), _rank(one.now), -one.offers, one.rule))), specification().beyond,
    )  # fmt: skip


def write_verdicts(connection: duckdb.DuckDBPyConnection, scope: Scope, day: date, target: Path) -> None:
    """Every listing's verdict and issues (rule, attribute, severity, value, action) on the day, as Parquet."""
    order = list(checks(scope, day).values())
    issues = ",\n".join(
        f"case when {check.condition} then {{'rule': {quoted(check.id)}, 'attribute': {quoted(check.attribute)},"
        f" 'severity': {quoted(check.severity)}, 'value': {shown(check)}, 'action': {quoted(check.action)}}} end"
        for check in sorted(order, key=lambda check: _rank(check.severity))
    )
    connection.execute(
        f"COPY (SELECT offer_id, coalesce(issues[1].severity, '{OK}') AS verdict, issues FROM (SELECT offer_id,"
        f" list_filter([{issues}], lambda issue: issue IS NOT NULL) AS issues FROM checked))"
        f" TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )


def _try_patterns(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    for rule in scope.own:
        try:
            connection.execute("SELECT regexp_matches('', ?)", [rule.pattern])
        except duckdb.Error:
            raise RuleIsInvalid(
                f"the rule {rule.id} has the pattern {rule.pattern!r}, which the engine cannot read", hint="use RE2's syntax: no look-ahead"
            ) from None


def _groups(connection: duckdb.DuckDBPyConnection, order: Sequence[Check]) -> list[_Group]:
    masks = masks_sql(order, BITS)
    numbers = ", ".join(f"({mask})::BIGINT AS m{number}" for number, mask in enumerate(masks))
    keys = ", ".join(f"m{number}" for number in range(len(masks)))
    # A product of an int and a bigint may leave 64 bits: the sums are decimals without decimals.
    rows = connection.execute(
        f"SELECT {keys}, count(*), coalesce(sum(price_minor), 0), coalesce(sum(price_minor::HUGEINT * coalesce(sold, 0)), 0),"
        f" min(offer_id, {SAMPLES}) FROM (SELECT offer_id, price_minor, sold, {numbers} FROM checked) GROUP BY {keys}"
    ).fetchall()
    found = []
    for row in rows:
        bits, (offers, price, sales, ids) = row[: len(masks)], row[len(masks) :]
        broken = frozenset(place for place in range(len(order)) if bits[place // BITS] >> place % BITS & 1)
        found.append(_Group(broken, offers, int(price), int(sales), tuple(ids)))
    return found


def _samples(connection: duckdb.DuckDBPyConnection, order: Sequence[Check], groups: Sequence[_Group]) -> dict[int, tuple[Sample, ...]]:
    chosen = {
        place: sorted({offer_id for group in groups if place in group.broken for offer_id in group.ids})[:SAMPLES]
        for place in range(len(order))
    }
    wanted = sorted({offer_id for ids in chosen.values() for offer_id in ids})
    if not wanted:
        return {}
    places = [place for place, ids in chosen.items() if ids]
    values = ", ".join(shown(order[place]) for place in places)
    rows = connection.execute(
        f"SELECT offer_id, {values} FROM checked WHERE offer_id IN ({', '.join(quoted(offer_id) for offer_id in wanted)})"
    ).fetchall()
    by_id: dict[str, dict[int, Any]] = {str(row[0]): dict(zip(places, row[1:], strict=True)) for row in rows}
    return {place: tuple(Sample(offer_id, str(by_id[offer_id][place])) for offer_id in ids) for place, ids in chosen.items()}


def _verdict(broken: frozenset[int], order: Sequence[Check], rules: Mapping[str, Check]) -> str:
    severities = {one.severity for place in broken if (one := rules.get(order[place].id))}
    return next((severity for severity in SEVERITIES if severity in severities), OK)


def _counts(groups: Sequence[_Group], verdicts: Mapping[frozenset[int], str]) -> dict[str, int]:
    return {
        verdict: sum(group.offers for group in groups if verdicts[group.broken] == verdict)
        for verdict in (OK, "unknown", "warning", "limited", DISAPPROVED)
    }


def _rank(severity: str | None) -> int:
    return SEVERITIES.index(severity) if severity else len(SEVERITIES)
