"""The rules of a country and a day as SQL conditions over a table of rendered attributes (all of them text)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tradewind.catalog import categories
from tradewind.listings.model import Rule
from tradewind.listings.rules import NO_VALUE, VALUE_LENGTH, begins, resolve
from tradewind.listings.specification import UNKNOWN, Attribute, Requirement, specification

_APPAREL_PATH = "apparel & accessories"
# Rules of google.toml about the offer's own value before it was fitted: what the run found is kept in the file.
_RECORDED = frozenset(("claims", "longer", "gtin_dropped", "same_as_title", "color_dropped", "text_is_fallback"))
_OF_ABSENCE = frozenset(("missing", "identifiers_missing"))
_DIGITS = tuple(f"(gtin_digits // {10**place} % 10)" for place in range(14))
_GTIN_SUM = f"3 * ({' + '.join(_DIGITS[1::2])}) + {' + '.join(_DIGITS[2::2])} + {_DIGITS[0]}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a table of listings is judged for. `columns` are the attributes it has; `own` are the retailer's rules."""

    country: str
    currency: str
    columns: frozenset[str]
    own: tuple[Requirement, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Check:
    """One rule as SQL: the condition under which a listing breaks it, and the value to show."""

    id: str
    attribute: str
    severity: str
    condition: str
    value: str
    action: str
    source: str
    valid_from: date = date.min


def checks(scope: Scope, day: date) -> dict[str, Check]:
    """Every rule in force in the country on the day, by id: those of a run, those of the specification, the retailer's own."""
    book = [rule for rule in resolve(scope.country, day).rules if rule.attribute in scope.columns or rule.kind in _OF_ABSENCE]
    stated = {(rule.attribute, rule.kind) for rule in book if not rule.apparel}
    found = [_of_run(rule, scope) for rule in book]
    known = specification()
    for one in known.attributes.values():
        if one.valid_from <= day <= one.valid_to and (not one.countries or scope.country in one.countries):
            found.extend(_of_attribute(one, stated, scope))
    found.extend(
        _of_requirement(one, scope, day)
        for one in (*known.requirements, *scope.own)
        if one.counts(scope.country, day) and _touches(one, scope.columns)
    )
    return {check.id: check for check in found}


def _touches(requirement: Requirement, columns: Collection[str]) -> bool:
    asked = set() if requirement.kind == "missing" else {requirement.attribute}
    if requirement.when:
        asked.add(requirement.when["attribute"])
    return asked <= set(columns)


def _of_run(rule: Rule, scope: Scope) -> Check:
    scoped = "is_apparel and " if rule.apparel else ""
    column = rule.attribute if rule.attribute in scope.columns else "NULL::VARCHAR"
    value = column
    if rule.kind in _RECORDED:
        condition = f"list_contains(recorded, {quoted(rule.id)})"
    elif rule.kind == "missing":
        condition, value = f"{column} is null", NO_VALUE
    elif rule.kind == "image_below":
        condition, value = f"image_width < {rule.limit} or image_height < {rule.limit}", "concat(image_width, ' x ', image_height)"
    elif rule.kind == "price_below_one":
        condition = "regexp_matches(price, '^[0. ,]*[A-Z]*$')"
    elif rule.kind == "identifiers_missing":
        absent = {name: f"{name} is null" if name in scope.columns else "true" for name in ("gtin", "mpn", "brand")}
        condition, value = f"{absent['gtin']} and ({absent['mpn']} or {absent['brand']})", NO_VALUE
    elif rule.kind == "shouting":
        condition = f"{column} = upper({column}) and {column} <> lower({column}) and length({column}) > {rule.limit}"
    else:
        condition = f"{column} is not null and not regexp_matches({column}, {quoted(rule.pattern)})"
    return Check(
        rule.id, rule.attribute, rule.severity.value, f"{scoped}({condition})", value, rule.action, "data/google.toml", begins(rule.id)
    )


def _of_attribute(one: Attribute, stated: Collection[tuple[str, str]], scope: Scope) -> Iterator[Check]:
    name, here = one.name, one.name in scope.columns
    refused = "disapproved" if one.required else "warning"
    if one.required and (name, "missing") not in stated:
        others = f" and {one.instead} is null" if one.instead in scope.columns else ""
        missing = f"{name} is null{others}" if here else f"true{others}"
        yield Check(f"{name}_missing", name, refused, missing, NO_VALUE, f"Add {name}: every product needs it.", one.source)
    if not here:
        return
    if one.limit:
        action = f"Shorten {name} to {one.limit:,} characters."
        longest = one.limit * one.repeat + one.repeat - 1
        yield Check(f"{name}_too_long", name, refused, f"length({name}) > {longest}", f"length({name})::varchar", action, one.source)
    wrong = _wrong_form(one)
    if wrong and (name, "not_matching") not in stated:
        yield Check(f"{name}_form", name, refused, wrong, name, f"Write {name} {one.spelled}.", one.source)
    if one.repeat > 1:
        action = f"Give at most {one.repeat} values of {name}."
        yield Check(f"{name}_too_many", name, "warning", f"len(string_split({name}, ',')) > {one.repeat}", name, action, one.source)


def _wrong_form(one: Attribute) -> str:
    name = one.name
    if one.form == "color":
        parts = f"string_split({name}, '/')"
        return (
            f"regexp_matches({name}, '[0-9#]|(^|/)[A-Za-z](/|$)') or (contains({name}, '/') and len({parts}) > 3)"
            f" or (length({name}) > 40 and list_max(list_transform({parts}, lambda part: length(part))) > 40)"
        )
    if one.form == "word" and one.repeat == 1:
        given = f"replace({name}, ' ', '_')" if name == "availability" else name
        return f"{given} not in ({', '.join(quoted(value) for value in one.values)})"
    return f"not regexp_matches({name}, {quoted(one.regular)})" if one.regular else ""


def _of_requirement(one: Requirement, scope: Scope, day: date) -> Check:
    condition = _condition(one, scope, day)
    if one.categories:
        ids = ", ".join(quoted(value) for value in one.categories)
        condition = f"google_product_category in ({ids}) and ({condition})" if "google_product_category" in scope.columns else "false"
    if one.when:
        other = one.when["attribute"]
        values = ", ".join(quoted(value) for value in one.when.get("values", ()))
        condition = f"{f'{other} in ({values})' if values else f'{other} is not null'} and ({condition})"
    value = one.attribute if one.attribute in scope.columns and one.kind != "missing" else NO_VALUE
    return Check(one.id, one.attribute, one.severity, condition, value, one.action, one.source, one.valid_from)


def _condition(one: Requirement, scope: Scope, day: date) -> str:
    name = one.attribute
    words: Mapping[str, str] = {
        "missing": f"{name} is null" if name in scope.columns else "true",
        "present": f"{name} is not null",
        "holds_blank": f"contains({name}, ' ')",
        "not_in_country": f"not regexp_matches({name}, {quoted(f'(^|,){scope.country}?:')})",
        "currency_other": f"regexp_matches({name}, ' [A-Z]{{3}}$') and right({name}, 3) <> {quoted(scope.currency)}",
        "not_within_a_year": f"try_cast(left({name}, 10) as date) not between date '{day}' and date '{day}' + interval 1 year",
        "not_below_price": f"{_amount(name)} >= {_amount('price')}",
        "gtin_wrong": f"gtin_digits is not null and (gtin_digits = 0 or ({_GTIN_SUM}) % 10 <> 0 or {_RESTRICTED})",
        "duplicate": f"{name} in (from repeated_{name})",
        "contradicts_gtin": f"lower({name}) in ('no', 'false') and {'gtin is not null' if 'gtin' in scope.columns else 'false'}",
        "no_difference": f"{name} is not null and {_all_missing(scope.columns)}",
        "image_size_unknown": f"{name} is not null and image_width is null",
        "matching": f"regexp_matches({name}, {quoted(one.pattern)})",
        "not_matching": f"not regexp_matches({name}, {quoted(one.pattern)})",
        "longer": f"length({name}) > {one.limit}",
        "shorter": f"length({name}) < {one.limit}",
        "not_one_of": f"{name} not in ({', '.join(quoted(value) for value in one.values) or NO_VALUE})",
    }
    return words[one.kind]


_RESTRICTED = "gtin_digits // 1000000000000 % 10 = 2 or gtin_digits // 100000000000 % 100 in (2, 4, 5, 98, 99)"


def _amount(name: str) -> str:
    return f"try_cast(split_part({name}, ' ', 1) as decimal(18, 3))"


def _all_missing(columns: Collection[str]) -> str:
    return " and ".join(f"{name} is null" for name in ("color", "size", "material", "pattern") if name in columns) or "true"


def apparel_sql(columns: Collection[str]) -> str:
    """Whether a row is clothing, shoes or an accessory: by the id of one of our categories or by Google's path."""
    if "google_product_category" not in columns:
        return "false"
    ids = sorted({str(one.google_category) for one in categories().values() if one.apparel} | {"166"})
    return (
        f"coalesce(google_product_category in ({', '.join(quoted(one) for one in ids)})"
        f" or starts_with(lower(google_product_category), {quoted(_APPAREL_PATH)}), false)"
    )


def shown(check: Check) -> str:
    """The value to show, cut."""
    return NO_VALUE if check.value == NO_VALUE else f"coalesce(left({check.value}, {VALUE_LENGTH}), '')"


def masks_sql(order: Sequence[Check], size: int) -> list[str]:
    """Numbers with one bit for each check, in their order, `size` checks a number."""
    return [
        " | ".join(f"(case when {check.condition} then {1 << place} else 0 end)" for place, check in enumerate(order[start : start + size]))
        for start in range(0, len(order), size)
    ]


def is_unknown(check: Check) -> bool:
    """Whether the rule only says that something is not known."""
    return check.severity == UNKNOWN


def quoted(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
