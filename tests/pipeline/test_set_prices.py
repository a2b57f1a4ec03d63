"""Prices that a person set: what a run uses of them, what it refuses, and that a later run still says so."""

from dataclasses import replace
from pathlib import Path

from shard_builders import TODAY, a_plan, a_spec, a_variant, compute, rows

from tradewind.pipeline.model import MarketPlan
from tradewind.pricing import parse_prices

HEAD = "market,sku,kind,price,currency,from,to"


def priced(*lines: str) -> MarketPlan:
    table = parse_prices("\n".join([HEAD, *lines]))
    return replace(a_plan(), set_prices=tuple(row for row in table.rows if row.holds(TODAY)))


def test_a_set_price_is_listed_and_named_among_the_rules(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()], plans=(priced("de,HX-1,fixed,111.11,EUR,2026-01-01,"),))
    assert compute(spec).markets[0].refused_prices == ()
    (offer,) = rows(spec.target / "de" / "offers.parquet")
    assert offer["price_minor"] == 11_111
    assert "prices.csv/fixed" in offer["rule_ids"]


def test_a_refused_price_is_told_also_by_a_run_that_computes_nothing_anew(tmp_path: Path) -> None:
    plan = priced("de,HX-1,fixed,1.00,EUR,2026-01-01,")
    variants = [a_variant(), a_variant("HX-2", gtin=None)]
    first = a_spec(tmp_path, variants, plans=(plan,))
    told = compute(first).markets[0].refused_prices
    again = a_spec(tmp_path, variants, "run_2", plans=(plan,), reusable={"de": first.target / "de"})
    market = compute(again).markets[0]
    assert [sku for sku, _ in told] == ["HX-1"]
    assert (market.computed, market.refused_prices) == (0, told)
