"""How a rendered attribute is written in a TSV column and as an element of RSS, as SQL over the column of its name."""

from collections.abc import Callable, Mapping
from typing import Final

# RSS has its own title, link and description; everything else is of Google's namespace.
_PLAIN = ("title", "link", "description")
# Values that we write ourselves hold no character that XML escapes; values that are never NULL need no question.
_ALWAYS = frozenset(("id", "link", "availability", "price", "condition", "custom_label_1"))
_OURS = frozenset(
    (
        *(
            "id",
            "availability",
            "price",
            "sale_price",
            "sale_price_effective_date",
            "gtin",
            "identifier_exists",
            "google_product_category",
            "shipping_weight",
            "adult",
        ),
        *("ships_from_country", "gender", "age_group", "custom_label_0", "custom_label_1", "unit_pricing_measure"),
        *("energy_efficiency_class", "min_energy_efficiency_class", "max_energy_efficiency_class", "shopping_ads_excluded_country"),
        *("excluded_destination", "native_commerce"),
    )
)
_REPEATED = frozenset(("additional_image_link", "excluded_destination", "shopping_ads_excluded_country", "promotion_id", "size_type"))
_ITEM, _PART = "chr(31)", "chr(30)"
_COMMA, _COLON = '[,"]', '[:"]'
_SOURCE: Final = "digital_source_type"


def tsv_column(name: str) -> str:
    """A column of the TSV feed; a value of several parts or items has their marks between them, and is quoted where it holds one itself."""
    return f"{_TSV[name](name)} AS {name}" if name in _TSV else name


def rss_element(name: str) -> str:
    """The arguments of concat(), which leaves NULLs out, that write one attribute."""
    if name in _GROUPS:
        return _GROUPS[name](name)
    tag = name if name in _PLAIN else f"g:{name}"
    value = name if name in _OURS else _escaped(name)
    if name in _REPEATED:
        value = f"replace({value}, ',', '</{tag}><{tag}>')"
    if name == "product_highlight":
        value = f"replace({value}, {_ITEM}, '</{tag}><{tag}>')"
    if name in _ALWAYS:
        return f"'<{tag}>', {value}, '</{tag}>'"
    return f"'<{tag}>' || {value} || '</{tag}>'"


def xml_text(text: str) -> str:
    """A text inside an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped(name: str) -> str:
    # A replacement costs more than the questions, and most values need none.
    asked = " OR ".join(f"contains({name}, '{char}')" for char in "&<>")
    return f"CASE WHEN {asked} THEN replace(replace(replace({name}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;') ELSE {name} END"


def _quoted(value: str) -> str:
    return f"concat('\"', replace({value}, '\"', '\"\"'), '\"')"


def _quoted_when(value: str, marks: str) -> str:
    return f"CASE WHEN regexp_matches({value}, '{marks}') THEN {_quoted(value)} ELSE {value} END"


def _highlights(name: str) -> str:
    items = f"list_transform(string_split({name}, {_ITEM}), lambda one: {_quoted_when('one', _COMMA)})"
    return f"CASE WHEN {name} IS NOT NULL THEN array_to_string({items}, ',') END"


def _details(name: str) -> str:
    """A part that holds a colon is quoted, and so is an item that holds a comma: the one may stand inside the other."""
    parts = f"array_to_string(list_transform(string_split(one, {_PART}), lambda part: {_quoted_when('part', _COLON)}), ':')"
    written = f"list_transform(string_split({name}, {_ITEM}), lambda one: {parts})"
    items = f"list_transform({written}, lambda item: {_quoted_when('item', ',')})"
    return f"CASE WHEN {name} IS NOT NULL THEN array_to_string({items}, ',') END"


def _by_model(name: str) -> str:
    return f"CASE WHEN {name} IS NOT NULL THEN concat(split_part({name}, ':', 1), ':', {_quoted(_after(name))}) END"


def _after(name: str) -> str:
    return f"substr({name}, strpos({name}, ':') + 1)"


_TSV: Mapping[str, Callable[[str], str]] = {
    "product_highlight": _highlights,
    "product_detail": _details,
    "structured_title": _by_model,
    "structured_description": _by_model,
}


def _group(name: str, **parts: str) -> str:
    """An element with elements in it, left out when the column is NULL."""
    inside = " || ".join(f"'<g:{part}>' || {value} || '</g:{part}>'" for part, value in parts.items())
    return f"CASE WHEN {name} IS NOT NULL THEN '<g:{name}>' || {inside} || '</g:{name}>' END"


def _shipping(name: str) -> str:
    return _group(name, country=f"split_part({name}, ':', 1)", price=f"split_part({name}, ':', 4)")


def _structured(name: str) -> str:
    return _group(name, **{_SOURCE: f"split_part({name}, ':', 1)", "content": _escaped(f"({_after(name)})")})


def _certification(name: str) -> str:
    parts = {f"certification_{part}": f"split_part({name}, ':', {place})" for place, part in enumerate(("authority", "name", "code"), 1)}
    return _group(name, **parts)


def _notice(name: str) -> str:
    parts = {f"{name}_type": f"split_part({name}, ':', 1)", f"{name}_message": _escaped(f"({_after(name)})")}
    return _group(name, **parts)


def _detail_elements(name: str) -> str:
    tags = ("section_name", "attribute_name", "attribute_value")
    parts = " || ".join(f"'<g:{tag}>' || split_part(one, {_PART}, {place}) || '</g:{tag}>'" for place, tag in enumerate(tags, 1))
    items = f"list_transform(string_split({_escaped(name)}, {_ITEM}), lambda one: '<g:{name}>' || {parts} || '</g:{name}>')"
    return f"CASE WHEN {name} IS NOT NULL THEN array_to_string({items}, '') END"


_GROUPS: Mapping[str, Callable[[str], str]] = {
    "shipping": _shipping,
    "structured_title": _structured,
    "structured_description": _structured,
    "certification": _certification,
    "consumer_notice": _notice,
    "product_detail": _detail_elements,
}
