"""Reads the name of a column: which attribute it may be, and the unit, currency and language that stand in it. Pure."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from tradewind.kit import currency_digits

WEIGHT_WORDS = {
    "kg": "kg", "kgs": "kg", "kilo": "kg", "kilos": "kg", "kilogramm": "kg", "kilogram": "kg", "kilograms": "kg", "公斤": "kg", "千克": "kg", "กก": "kg",
    "g": "g", "gr": "g", "gramm": "g", "gram": "g", "grams": "g", "grammes": "g", "克": "g", "กรัม": "g", "กิโลกรัม": "kg", "กิโล": "kg", "ปอนด์": "lb", "ออนซ์": "oz", "mg": "mg", "毫克": "mg",
    "lb": "lb", "lbs": "lb", "pound": "lb", "pounds": "lb", "oz": "oz", "ounce": "oz", "ounces": "oz", "斤": "jin", "市斤": "jin",
}  # fmt: skip
LENGTH_WORDS = {
    "mm": "mm", "毫米": "mm", "cm": "cm", "厘米": "cm", "公分": "cm", "ซม": "cm", "มม": "mm", "นิ้ว": "in", "m": "m", "米": "m", "inch": "in", "inches": "in", "zoll": "in", "英寸": "in", "ft": "ft",
}  # fmt: skip
CURRENCY_WORDS = {
    "€": "EUR", "euro": "EUR", "$": "USD", "us$": "USD", "usd": "USD", "£": "GBP", "¥": "CNY", "元": "CNY", "人民币": "CNY", "rmb": "CNY", "yuan": "CNY",
    "円": "JPY", "฿": "THB", "บาท": "THB", "baht": "THB", "₫": "VND", "đ": "VND", "₹": "INR", "zł": "PLN", "kč": "CZK", "sfr": "CHF", "fr": "CHF", "kr": "SEK",
}  # fmt: skip
LANGUAGE_WORDS = {
    "en": "en", "eng": "en", "english": "en", "englisch": "en", "anglais": "en", "inglés": "en", "inglese": "en", "英文": "en", "英语": "en",
    "de": "de", "deu": "de", "ger": "de", "german": "de", "deutsch": "de", "德文": "de", "德语": "de", "zh": "zh", "cn": "zh", "chinese": "zh", "中文": "zh",
    "chinesisch": "zh", "th": "th", "thai": "th", "泰文": "th", "泰语": "th", "ไทย": "th", "vi": "vi", "vietnamese": "vi", "越南文": "vi",
    "fr": "fr", "french": "fr", "französisch": "fr", "français": "fr", "法文": "fr", "es": "es", "spanish": "es", "español": "es", "spanisch": "es",
    "it": "it", "italian": "it", "italiano": "it", "italienisch": "it", "ja": "ja", "japanese": "ja",
}  # fmt: skip
# Words beside a name that say nothing about which attribute it is.
_BESIDE_WORDS = (
    "netto brutto net gross in pro je per stück stk unit pc pcs piece ca approx inkl incl zzgl excl exkl ohne mit mwst ust vat tax ht ttc iva hors taxe "
    "url link 1 2 3 4 5 6 7 8 9 10 含税 不含税 件 个 每件 必填 optional required von der die das total"
)
_BESIDE = frozenset(_BESIDE_WORDS.split())
_BRACKETED = re.compile(r"[(\[{【<]([^()\[\]{}【】<>]*)[)\]}】>]")
LETTERS = "(?:[^\\W\\d_]|[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])+"  # Thai writes vowels and tones as marks above and below, which are no letters to Python
_WORD = re.compile(rf"[$€£¥฿₫₹]|us\$|\d+|{LETTERS}(?:[’']{LETTERS})*", re.IGNORECASE)
_SIGNS = re.compile(r"[$€£¥฿₫₹]")
_HAN_SUFFIX = re.compile(r"^(.*[一-鿿])((?:千|毫|公)?[克斤米元]|厘米|公分|人民币|英文|中文)$")
_OF_ATTRIBUTES = re.compile(r"^(?:attr|attribute|attributes|spec|specs|feature|prop)[_.:](?:[a-z][_.:])?", re.IGNORECASE)
ATTRIBUTE_RANK = 50
"""From this rank on a name was found behind a prefix for free attributes."""
_FREE = frozenset(("home_category", "color", "material", "weight", "length", "width", "height", "hs_code", "origin"))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[一-鿿])(?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Header:
    """What a column's name says. `attribute` is None for a name that nobody knows; a smaller `rank` is a surer one."""

    column: str
    attribute: str | None = None
    rank: int = 0
    languages: tuple[str, ...] = ()  # those in which the name is known
    weight_unit: str | None = None
    length_unit: str | None = None
    currency: str | None = None
    text_language: str | None = None  # of the cells, as in "Name (EN)"


def plain(text: str) -> str:
    """The letters and digits of a name, without case and accents: "EK-Preis" is "ekpreis", "Größe" is "grosse"."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in folded if letter.isalnum())


@cache
def known_names() -> Mapping[str, tuple[tuple[str, int, tuple[str, ...]], ...]]:
    """Plain name to the attributes it may be, each with its rank and the languages it is a name in."""
    raw = tomllib.loads(resources.files("tradewind.catalog").joinpath("data/headers.toml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, tuple[int, tuple[str, ...]]]] = {}
    for attribute, by_language in raw.items():
        for language, names in by_language.items():
            for rank, name in enumerate(names):
                places = found.setdefault(plain(name), {})
                best, languages = places.get(attribute, (rank, ()))
                places[attribute] = (min(best, rank), (*languages, language))
    return {name: tuple((attribute, *place) for attribute, place in places.items()) for name, places in found.items()}


def read_header(column: str) -> list[Header]:
    """Every way to understand the column's name, none when it is not known; each carries the unit and currency in it."""
    name = unicodedata.normalize("NFKC", column).removeprefix("g:").strip()
    for rest, beside in _forms(name):
        meanings = known_names().get(plain(rest), ())
        if meanings:
            said = _said(column, beside)
            return [replace(said, attribute=attribute, rank=rank, languages=languages) for attribute, rank, languages in meanings]
    # "attr_t_country_of_origin": an export of free attributes. A column of its own is surer.
    bare = _OF_ATTRIBUTES.sub("", name)
    said_so = read_header(bare) if bare != name else []
    return [replace(one, column=column, rank=one.rank + ATTRIBUTE_RANK) for one in said_so if one.attribute in _FREE]


def _forms(name: str) -> Iterator[tuple[str, list[str]]]:
    """The whole name, then the name without what stands in brackets, then without units, currencies and other words at its ends."""
    signs = _SIGNS.findall(name)  # they are no letters, so that a name is known with and without them
    yield name, signs
    inside = signs + [word for group in _BRACKETED.findall(name) for word in _words(group)]
    words, beside = _words(_BRACKETED.sub(" ", name)), list(inside)
    glued = _HAN_SUFFIX.match(words[-1]) if words else None
    yield " ".join(words), inside
    while words and (_is_beside(words[-1]) or _is_beside(words[0])):
        end = -1 if _is_beside(words[-1]) else 0
        beside.append(words.pop(end))
        yield " ".join(words), list(beside)
    if glued:
        yield glued[1], [*inside, glued[2]]
    if name.startswith(("英文", "中文", "泰文")):
        yield name[2:], [name[:2]]
    last = words[-1].casefold() if words else ""
    for unit in ("kg", "cm", "mm", "g"):
        if last.endswith(unit) and len(last) > len(unit):
            yield " ".join([*words[:-1], last.removesuffix(unit)]), [*beside, unit]


def _words(text: str) -> list[str]:
    return _WORD.findall(_CAMEL.sub(" ", text))


def _is_beside(word: str) -> bool:
    low = word.casefold()
    return low in _BESIDE or low in WEIGHT_WORDS or low in LENGTH_WORDS or low in LANGUAGE_WORDS or currency_of(word) is not None


def _said(column: str, beside: Sequence[str]) -> Header:
    low = [word.casefold() for word in beside]
    return Header(
        column,
        weight_unit=next((WEIGHT_WORDS[word] for word in low if word in WEIGHT_WORDS), None),
        length_unit=next((LENGTH_WORDS[word] for word in low if word in LENGTH_WORDS), None),
        currency=next((code for word in beside if (code := currency_of(word))), None),
        text_language=next((LANGUAGE_WORDS[word] for word in low if word in LANGUAGE_WORDS), None),
    )


def currency_of(word: str) -> str | None:
    """The currency that a code, sign or word names; codes in capital letters only, since "all" and "top" are words."""
    if len(word) == 3 and word.isupper() and word in currency_digits():
        return word
    return CURRENCY_WORDS.get(word.casefold())
