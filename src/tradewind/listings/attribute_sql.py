"""A market's attributes as SQL over `s` (the sheet) and `c` (what the market chose): facts of products, and the retailer's rules."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from tradewind.catalog import ancestors, categories
from tradewind.listings.attribute_book import AttributeBook
from tradewind.listings.own_attributes import LISTED, SETTABLE, SetRule
from tradewind.offers import Languages, quoted

NOTHING = "null::varchar"
PPM_OF_PERCENT = 10_000
MODEL = "trained_algorithmic_media:"
_OF_PRODUCTS = ("size_type", "size_system", "multipack", "is_bundle", "adult")


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL by attribute; `hashed` are those whose value a market decides, so that its listings' hash must hold them."""

    columns: Mapping[str, str]
    by_model: str
    hashed: tuple[str, ...]


def rendered(book: AttributeBook, sheet: Collection[str], shown: Languages) -> Rendered:
    """The attributes beyond price, stock and texts. `sheet` names the columns that the sheet has."""

    def fact(name: str) -> str:
        return f"s.fact_{name}" if f"fact_{name}" in sheet else NOTHING

    def text(name: str) -> str:
        said = {code: f"fact_{name}_{number}" for code, number in shown.items() if f"fact_{name}_{number}" in sheet}
        return (
            f"case c.language {' '.join(f'when {quoted(code)} then s.{column}' for code, column in said.items())} end" if said else NOTHING
        )

    by_rule = {name: _set(book.rules, name) for name in SETTABLE} | {name: _listed(book.rules, name) for name in LISTED}
    by_rule["shipping_label"] = _first(by_rule["shipping_label"], _by_lane(book.lane_labels))
    columns = dict(by_rule)
    for name in _OF_PRODUCTS:
        columns[name] = _first(by_rule[name], fact(name))
    columns |= _measured(book, fact, by_rule["unit_pricing_base_measure"])
    columns["certification"] = fact("certification") if book.certification else NOTHING
    for name in ("energy_efficiency_class", "min_energy_efficiency_class", "max_energy_efficiency_class"):
        columns[name] = fact(name) if book.energy_class else NOTHING
    columns["product_highlight"] = text("product_highlight")
    columns["product_detail"] = (
        "case when c.language = s.home_language then s.fact_product_detail end" if "fact_product_detail" in sheet else NOTHING
    )
    columns |= _checkout(book, text("consumer_notice"), by_rule)
    said_by_model = f"coalesce(contains({fact('texts_by_model')}, ' ' || c.language || ' '), false)"
    hashed = tuple(name for name, sql in by_rule.items() if sql != NOTHING) + (("native_commerce",) if book.checkout else ())
    return Rendered(columns, said_by_model if "fact_texts_by_model" in sheet else "", tuple(dict.fromkeys(hashed)))


def _measured(book: AttributeBook, fact: Callable[[str], str], base_by_rule: str) -> dict[str, str]:
    measure = fact("unit_pricing_measure") if book.unit_price else NOTHING
    base = _first(base_by_rule, fact("unit_pricing_base_measure"))
    needed = f"case when {measure} is not null then {base} end" if measure != NOTHING else NOTHING
    return {"unit_pricing_measure": measure, "unit_pricing_base_measure": needed}


def _checkout(book: AttributeBook, notice: str, by_rule: Mapping[str, str]) -> dict[str, str]:
    """Eligible: new, not kept out by a rule, and of no category that carriers, customs or Google restrict."""
    if not book.checkout:
        return dict.fromkeys(("native_commerce", "consumer_notice", "merchant_item_id"), NOTHING)
    closed = ", ".join(quoted(slug) for slug, one in categories().items() if one.restricted)
    kept_out = "" if by_rule["native_commerce"] == NOTHING else f" and {by_rule['native_commerce']} is null"
    eligible = f"s.condition = 'new' and coalesce(s.category, '') not in ({closed}){kept_out}"
    return {
        "native_commerce": f"case when {eligible} then 'true' end",
        "consumer_notice": f"case when {eligible} then {_first(notice, by_rule['consumer_notice'])} end",
        # Our own checkout knows an offer by the id that the feed has.
        "merchant_item_id": f"case when {eligible} and c.sku <> s.offer_id then c.sku end" if book.item_id_is_sku else NOTHING,
    }


def _first(*columns: str) -> str:
    said = [column for column in columns if column != NOTHING]
    return said[0] if len(said) == 1 else f"coalesce({', '.join(said)})" if said else NOTHING


def _by_lane(labels: Iterable[tuple[str, str]]) -> str:
    cases = " ".join(f"when {quoted(lane_id)} then {quoted(label)}" for lane_id, label in labels)
    return f"case c.lane_id {cases} end" if cases else NOTHING


def _set(rules: Iterable[SetRule], attribute: str) -> str:
    cases = " ".join(f"when {_condition(rule)} then {quoted(rule.value)}" for rule in rules if rule.attribute == attribute)
    return f"case {cases} end" if cases else NOTHING


def _listed(rules: Iterable[SetRule], attribute: str) -> str:
    by_value: dict[str, list[str]] = {}
    for rule in rules:
        if rule.attribute == attribute:
            for value in rule.value.split(","):
                by_value.setdefault(value.strip(), []).append(_condition(rule))
    cases = ", ".join(f"case when {' or '.join(conditions)} then {quoted(value)} end" for value, conditions in by_value.items())
    return f"nullif(concat_ws(',', {cases}), '')" if cases else NOTHING


def _condition(rule: SetRule) -> str:
    below = {slug for slug in categories() if set(ancestors(slug)) & set(rule.categories)}
    asked = [
        f"{column} in ({', '.join(quoted(value) for value in sorted(values))})"
        for column, values in (
            ("s.category", below),
            ("lower(s.brand)", {brand.lower() for brand in rule.brands}),
            ("c.sku", set(rule.skus)),
            ("s.condition", set(rule.conditions)),
            ("c.text_from", set(rule.text_from)),
            ("c.ships_from", set(rule.ships_from)),
        )
        if values
    ]
    bounds = (
        ("c.price_minor >=", rule.price_at_least.minor if rule.price_at_least else None),
        ("c.price_minor <", rule.price_below.minor if rule.price_below else None),
        ("c.margin_ppm >=", _ppm(rule.margin_percent_at_least)),
        ("c.margin_ppm <", _ppm(rule.margin_percent_below)),
    )
    asked += [f"{column} {bound}" for column, bound in bounds if bound is not None]
    return f"({' and '.join(asked) or 'true'})"


def _ppm(percent: int | None) -> int | None:
    return percent * PPM_OF_PERCENT if percent is not None else None
