"""The grammar of rate texts: "Free", "16.5%", "4.4¢/kg", "8¢ each + 5.3%", "12.00% MIN 0.40 EUR / 100 kg". Pure.

What it does not understand it never guesses: the rate then carries a problem, with the text, for a person.
"""

import re
import unicodedata

from tradewind.markets.tariff.rate import Rate, Specific, Unit

MAX_TEXT = 4000
_PPM_DIGITS = 4  # a percentage has at most four decimals in millionths
_MICRO_DIGITS = 6
_MAX_PERCENT = 1000
_ON_TOP = re.compile(
    r"\[?the duty provided (?:for )?in ?(?:the applicable subheading|subheadings [\d., or]+?)\s*(?:(?:\+|plus)\s*(.+?))?\]?"
)
_NUMBER = r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
_PERCENT = re.compile(rf"{_NUMBER}(?P<third> 1/3)? ?(?:%|percent)")
_DOLLARS = re.compile(rf"\$ ?{_NUMBER}(?P<unit>.*)")
_CENTS = re.compile(rf"{_NUMBER} ?¢(?P<unit>.*)")
_NAMED = re.compile(rf"{_NUMBER} ?(?P<currency>EUR|GBP|€)(?P<unit> ?/.*)", re.IGNORECASE)
_BOUNDS = re.compile(r"(?P<own>.+?)(?: ?\bMIN\b ?(?P<least>.+?))?(?: ?\bMAX\b ?(?P<most>.+?))?", re.IGNORECASE)
_IF_LOWER = re.compile(r", or, if lower, ", re.IGNORECASE)
_COUNT = re.compile(r"(?P<count>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)? ?(?P<rest>.*)")
_FOOTNOTE = re.compile(r"(?<=[%\w.]) (?:\d{1,2}/ ?)+$|(?<=\S) /$")
_QUALIFIER = re.compile(
    r"(?P<unit>[\w.]+(?: m| liter| pr\.?| kg)?)(?:,? ?(?P<of>(?:on|of|less|including|/|eda|mas|std|net|of) ?.*))?", re.IGNORECASE
)
_SEASON = re.compile(r"\(\d\d?[ -]")
_UNITS: dict[str, Unit] = {
    "each": Unit.EACH, "item": Unit.EACH, "items": Unit.EACH, "article": Unit.EACH, "stick": Unit.EACH, "head": Unit.EACH,
    "no.": Unit.EACH, "pr": Unit.PAIR, "pr.": Unit.PAIR, "prs.": Unit.PAIR, "doz": Unit.DOZEN, "doz.": Unit.DOZEN,
    "doz. pr": Unit.DOZEN_PAIRS, "doz. pr.": Unit.DOZEN_PAIRS, "doz.pr.": Unit.DOZEN_PAIRS, "gross": Unit.GROSS,
    "thousand": Unit.THOUSAND, "g": Unit.GRAM, "kg": Unit.KG, "t": Unit.TONNE, "tonne": Unit.TONNE, "liter": Unit.LITER,
    "l": Unit.LITER, "pf. liter": Unit.PROOF_LITER, "pf.liter": Unit.PROOF_LITER, "hl": Unit.HECTOLITER, "bbl": Unit.BARREL,
    "m": Unit.METER, "lin. m": Unit.METER, "m2": Unit.SQUARE_METER, "m3": Unit.CUBIC_METER, "jewel": Unit.JEWEL,
}  # fmt: skip
_COMPONENTS = {"EA", "ADSZ", "ADFM", "AD S/Z", "AD F/M"}


def clean(text: str) -> str:
    """A text without invisible characters, runs of blanks, hyphens of line breaks and footnote markers."""
    visible = "".join(one for one in text[:MAX_TEXT] if unicodedata.category(one) not in ("Cf", "Cc") or one in "\t\n")
    joined = re.sub(r"(?<=[a-z])- (?=[a-z])", "", " ".join(visible.replace("\u00a0", " ").split()))
    return _FOOTNOTE.sub("", joined).strip()


def parse_rate(text: str, currency: str) -> Rate:
    """The rate that a text says; `currency` is that of dollar and cent signs. A rate with a problem when it is not understood."""
    said = clean(text)
    if not said:
        return Rate(problem="no rate is written")
    if said.rstrip(".").casefold() == "free":
        return Rate()
    if _SEASON.search(said):
        return Rate(problem=f"the rate changes with the season: {said}")
    additional = _ON_TOP.fullmatch(said.casefold().rstrip("."))
    if additional:
        return _on_top(additional.group(1), said, currency)
    bounds = _BOUNDS.fullmatch(_IF_LOWER.sub(" MAX ", said))
    own = _sum(bounds.group("own") if bounds else said, currency)
    least = _sum(bounds.group("least"), currency) if bounds and bounds.group("least") else None
    most = _sum(bounds.group("most"), currency) if bounds and bounds.group("most") else None
    if own is None or any(bounds.group(name) and one is None for name, one in (("least", least), ("most", most)) if bounds):
        return Rate(problem=_why(said))
    return Rate(own.ppm, own.specifics, least, most)


def format_rate(rate: Rate) -> str:
    """The rate in words that parse_rate reads back."""
    if rate.problem:
        return rate.problem
    own = " + ".join([*([_percent(rate.ppm)] if rate.ppm else []), *(_amount(one) for one in rate.specifics)])
    if rate.on_top:
        return f"The duty provided in the applicable subheading{f' + {own}' if own else ''}"
    words = own or ("0%" if rate.least or rate.most else "Free")
    least = f" MIN {format_rate(rate.least)}" if rate.least else ""
    return words + least + (f" MAX {format_rate(rate.most)}" if rate.most else "")


def _on_top(added: str | None, said: str, currency: str) -> Rate:
    own = _sum(added, currency) if added else Rate()
    return Rate(own.ppm, own.specifics, on_top=True) if own else Rate(problem=_why(said))


def _sum(text: str, currency: str) -> Rate | None:
    ppm, specifics = 0, list[Specific]()
    for term in re.split(r" ?\+ ?|, and ", text.strip()):
        share = _PERCENT.fullmatch(term)
        if share:
            found = _ppm(share)
            if found is None:
                return None
            ppm += found
            continue
        amount = _specific(term, currency)
        if amount is None:
            return None
        specifics.append(amount)
    return Rate(ppm, tuple(specifics))


def _ppm(share: re.Match[str]) -> int | None:
    if share.group("third"):
        return (int(share.group("number")) * 3 + 1) * 10_000 // 3 + 1 if share.group("number").isdecimal() else None
    found = _scaled(share.group("number"), _PPM_DIGITS)
    return found if found is not None and found <= _MAX_PERCENT * 10**_PPM_DIGITS else None


def _specific(term: str, currency: str) -> Specific | None:
    for pattern, digits in ((_DOLLARS, _MICRO_DIGITS + 2), (_CENTS, _MICRO_DIGITS), (_NAMED, _MICRO_DIGITS + 2)):
        found = pattern.fullmatch(term.strip())
        if found:
            micro = _scaled(found.group("number"), digits)
            named = found.groupdict().get("currency")
            code = currency if named is None else "EUR" if named == "€" else named.upper()
            return None if micro is None else _with_unit(micro, code, found.group("unit").strip())
    return None


def _with_unit(micro: int, currency: str, text: str) -> Specific | None:
    if text == "each":
        return Specific(micro, currency, Unit.EACH)
    if not text.startswith("/"):
        return None
    counted = _COUNT.fullmatch(text[1:].strip())
    count = int((counted.group("count") or "1").replace(",", "")) if counted else 0
    rest = counted.group("rest").strip() if counted else ""
    if not rest:
        return Specific(micro, currency, Unit.EACH, count) if counted and counted.group("count") else None
    if count <= 0:
        return None
    named = _QUALIFIER.fullmatch(rest)
    unit = _UNITS.get(named.group("unit").casefold()) if named else None
    if named is None or unit is None:
        return Specific(micro, currency, Unit.OTHER, count, rest)
    return Specific(micro, currency, unit, count, (named.group("of") or "").strip(" /"))


def _scaled(number: str, digits: int) -> int | None:
    whole, _, part = number.replace(",", "").partition(".")
    part = part.rstrip("0")
    return int(whole) * 10**digits + int(part.ljust(digits, "0") or "0") if len(part) <= digits else None


def _why(said: str) -> str:
    if any(word in said.split() for word in _COMPONENTS):
        return f"an agricultural component is not in this table: {said}"
    return f"read by a person: {said}"


def _percent(ppm: int) -> str:
    return f"{_plain(ppm, _PPM_DIGITS)}%"


def _amount(one: Specific) -> str:
    if one.currency in ("EUR", "GBP"):
        amount = f"{_plain(one.micro, _MICRO_DIGITS + 2)} {one.currency}"
    elif one.micro >= 100 * 10**_MICRO_DIGITS:
        amount = f"${_plain(one.micro, _MICRO_DIGITS + 2)}"
    else:
        amount = f"{_plain(one.micro, _MICRO_DIGITS)}¢"
    if one.unit is Unit.EACH and one.per == 1 and not one.of and one.currency not in ("EUR", "GBP"):
        return f"{amount} each"
    unit = one.of if one.unit is Unit.OTHER else one.unit.value + (f" {_qualified(one.of)}" if one.of else "")
    return f"{amount}/{f'{one.per} ' if one.per > 1 else ''}{unit}"


def _qualified(of: str) -> str:
    return of if _starts_as_qualifier(of) else f"/ {of}"


def _starts_as_qualifier(of: str) -> bool:
    return of.split(" ", maxsplit=1)[0] in ("on", "of", "less", "including", "eda", "mas", "std", "net")


def _plain(number: int, digits: int) -> str:
    text = f"{number // 10**digits}.{number % 10**digits:0{digits}d}"
    return text.rstrip("0").rstrip(".")
