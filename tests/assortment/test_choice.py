"""The choice: policies as data, every reason in order and in words, the quality score in two equal forms."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind import assortment
from tradewind.assortment import (
    Policy,
    PolicyIsInvalid,
    QualityFacts,
    ReasonIsUnknown,
    explain_quality,
    explain_reason,
    load_policy,
    reasons,
)
from tradewind.assortment.service import SELECT
from tradewind.db import duck
from tradewind.pricing import PROBLEMS

FACTS = (
    "sku VARCHAR, product_id VARCHAR, offer_id VARCHAR, image_count BIGINT, image_width BIGINT,"
    " description_length BIGINT, gtin VARCHAR, brand VARCHAR, mpn VARCHAR, weight_from VARCHAR, dimensions_from VARCHAR,"
    " cost_from VARCHAR, hs_from VARCHAR, origin_from VARCHAR, rating_milli BIGINT, rating_count BIGINT, category VARCHAR,"
    " battery VARCHAR, condition VARCHAR, gtin_duplicate_of VARCHAR, cost_minor BIGINT, weight_g BIGINT, hs_code VARCHAR, origin VARCHAR"
)
NAMES = [column.split()[0] for column in FACTS.split(", ")]


def a_fact(**changes: Any) -> dict[str, Any]:
    return dict.fromkeys(NAMES) | {
        "sku": "A", "product_id": "A", "offer_id": "A", "image_count": 2, "image_width": 800,
        "description_length": 300, "category": "headphones", "battery": "none", "condition": "new", "cost_minor": 100,
        "weight_g": 420, "hs_code": "851830", "origin": "CN",
    } | changes  # fmt: skip


def judged(
    fact: dict[str, Any], policy: Policy | None = None, *, lane: str | None = "direct", problem: str | None = None
) -> dict[str, Any]:
    with duck.connect(threads=1, memory_limit_mb=256) as db:
        db.execute(f"CREATE TEMP TABLE facts ({FACTS})")
        db.execute(f"INSERT INTO facts VALUES ({', '.join('?' * len(NAMES))})", [fact[name] for name in NAMES])
        db.execute("CREATE TEMP TABLE served AS SELECT 'A' AS sku, ?::VARCHAR AS reason WHERE ? IS NOT NULL", [lane, lane])
        db.execute("CREATE TEMP TABLE text_choice AS SELECT 'A' AS sku")
        db.execute(
            "CREATE TEMP TABLE price_output AS SELECT 'A' AS sku, ?::VARCHAR AS problem, 6699 AS price_minor, 200000 AS margin_ppm",
            [problem],
        )
        assortment.load(db, policy or Policy("de", "test"))
        assortment.select(db)
        found = db.execute("SELECT * FROM selection")
        return dict(zip([column[0] for column in found.description or ()], found.fetchone() or (), strict=True))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"weight_g": None}, "missing_weight"),
        ({"hs_code": None}, "missing_hs"),
        ({"origin": None}, "missing_origin"),
        ({"image_count": 0}, "missing_image"),
        ({"category": None}, "no_category"),
        ({"gtin_duplicate_of": "B"}, "duplicate_gtin"),
        ({"weight_g": 30_001}, "too_heavy"),
        ({"condition": "used"}, "condition_not_accepted"),
        ({"battery": "standalone"}, "battery_not_carried"),
    ],
)
def test_each_missing_fact_has_its_reason(changes: dict[str, Any], code: str) -> None:
    assert judged(a_fact(**changes))["reasons"] == [code]


def test_a_good_product_is_chosen_without_a_reason() -> None:
    found = judged(a_fact())
    assert (found["chosen"], found["reasons"], found["primary_reason"]) == (True, [], None)


def test_a_product_that_no_lane_carries_for_its_battery_says_so() -> None:
    assert judged(a_fact(battery="contained"), lane=None)["reasons"] == ["battery_not_carried", "no_lane"]


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (Policy("de", "test", min_quality=1000), "quality_below_minimum"),
        (Policy("de", "test", min_margin_ppm=300_000), "margin_below_floor"),
        (Policy("de", "test", max_price_minor=100), "price_above_limit"),
        (Policy("de", "test", min_images=3), "too_few_images"),
        (Policy("de", "test", restricted_categories=("headphones",)), "restricted_category"),
    ],
)
def test_a_policy_leaves_out_what_it_does_not_want(policy: Policy, code: str) -> None:
    assert judged(a_fact(), policy)["primary_reason"] == code


def test_a_problem_of_the_price_is_a_reason_unless_it_was_told_before() -> None:
    assert judged(a_fact(), problem="fx_missing")["reasons"] == ["price_problem_fx_missing"]
    assert judged(a_fact(), problem="brand_new_problem")["reasons"] == ["price_problem_other"]
    assert judged(a_fact(cost_minor=None), problem="cost_missing")["reasons"] == ["missing_cost"]


def test_the_statement_names_every_reason_in_the_order_of_the_list() -> None:
    named = list(dict.fromkeys(re.findall(r"then '([a-z_]+)'", SELECT.template)))
    listed = [code for code in reasons() if not code.startswith("price_problem_")]
    assert [code for code in named if not code.startswith("price_problem_")] == listed


def test_every_problem_of_a_price_has_its_words() -> None:
    assert {f"price_problem_{problem}" for problem in PROBLEMS} <= set(reasons())


def test_every_reason_is_documented_with_what_to_do() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/decision-reasons.md").read_text("utf-8")
    assert all(f"`{code}`" in page and reason.action in page for code, reason in reasons().items())


def test_an_unknown_reason_is_an_error_that_points_to_the_list() -> None:
    with pytest.raises(ReasonIsUnknown, match='no reason "bored"'):
        explain_reason("bored")


own = st.sampled_from(["measured", "supplier", "person", "derived", "category_default", "missing", None])


@settings(max_examples=25)
@given(
    st.fixed_dictionaries(
        {
            "image_count": st.integers(0, 12),
            "image_width": st.none() | st.integers(1, 4000),
            "description_length": st.integers(0, 6000),
            "gtin": st.none() | st.just("x"),
            "brand": st.none() | st.just("x"),
            "mpn": st.none() | st.just("x"),
            "rating_milli": st.none() | st.integers(0, 5000),
            "rating_count": st.none() | st.integers(0, 50),
            **{f"{name}_from": own for name in ("weight", "dimensions", "cost", "hs", "origin")},
        }
    )
)
def test_the_quality_score_is_the_sum_of_its_explained_parts(changes: dict[str, Any]) -> None:
    weight, dimensions, cost, hs, origin = (
        changes[f"{name}_from"] in {"measured", "supplier", "person"} for name in ("weight", "dimensions", "cost", "hs", "origin")
    )
    facts = QualityFacts(
        changes["image_count"], changes["image_width"], changes["description_length"],
        has_gtin=changes["gtin"] is not None, has_brand=changes["brand"] is not None, has_mpn=changes["mpn"] is not None,
        rating_milli=changes["rating_milli"], rating_count=changes["rating_count"],
        weight_is_own=weight, dimensions_are_own=dimensions, cost_is_own=cost, hs_is_own=hs, origin_is_own=origin,
    )  # fmt: skip
    score = explain_quality(facts).score
    assert score == judged(a_fact(**changes))["quality"]
    assert 0 <= score <= 1000


def test_the_kinds_of_a_policy_cover_everything_below_a_category() -> None:
    policy = load_policy("de")
    assert "beverages" in policy.restricted_categories
    assert "weapons" in policy.prohibited_categories
    assert load_policy("de").digest == policy.digest != load_policy("us").digest


def test_a_retailers_own_file_changes_a_policy(tmp_path: Path) -> None:
    (tmp_path / "de.assortment.toml").write_text("min_images = 4\n")
    assert load_policy("de", tmp_path).min_images == 4


@pytest.mark.parametrize("text", ["min_images = 'four'", "min_picture = 4", "required_facts = ['taste']", "min_images ="])
def test_a_policy_with_a_wrong_key_or_value_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "de.assortment.toml").write_text(text)
    with pytest.raises(PolicyIsInvalid):
        load_policy("de", tmp_path)
