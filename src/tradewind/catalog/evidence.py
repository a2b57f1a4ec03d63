"""What the values of a column show: decimal mark, currency, unit, language, ids. Pure; nothing here decides, a person does."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tradewind.catalog.headers import LENGTH_WORDS, LETTERS, WEIGHT_WORDS, currency_of

_NUMBER = re.compile(r"^\s*(?P<before>[^\d.,]*?)\s*(?P<number>\d[\d.,'’\s]*|[.,]\d+)\s*(?P<behind>[^\d.,\s][^\d]*)?\s*$")
_WORDS = re.compile(rf"us\$|[$€£¥￥฿₫₹]|{LETTERS}", re.IGNORECASE)
_PICTURE = re.compile(r"^https?://|\.(?:jpe?g|png|webp|gif|avif)$", re.IGNORECASE)
_CODE = re.compile(r"^(?=.*\d)[^\s]{1,40}$")
_LIGHT_KG = 40  # a median below this, with decimals, is a weight in kilograms
_HEAVY_G = 40
_LONG_MM = 100
_MOSTLY_PERCENT = 60
_CENTS = ("99", "95", "98", "49")  # round sums end like this in cents only: 4900 may be yen
_CENTS_DIGITS = 3
_CENTS_SEEN = 20
_LETTERS = (
    ("th", r"[\u0E00-\u0E7F]"),
    ("ja", r"[\u3040-\u30FF]"),
    ("zh", r"[\u4E00-\u9FFF]"),
    ("vi", r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]"),
)
_COMMON = {
    "en": "the and with for of in a is from your to that on it this are by",
    "de": "der die das und mit für aus ein eine im ist von den zum auf nicht sich auch oder bei",
    "fr": "le la les et avec pour de des en un une du est dans sur au par",
    "es": "el la los las y con para de en un una del es por su al",
    "it": "il la i gli e con per di in un una del della è da dal al",
}  # fmt: skip
_COMMON_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_MOST_COMMON_HINT = {"ß": "de", "ä": "de", "ö": "de", "ü": "de", "ñ": "es"}


@dataclass(frozen=True, slots=True)
class Numbers:
    """How the numbers of a column are written. `decimal` is None when no value shows it; `odd` is a value that is no number."""

    count: int
    decimal: str | None
    is_mixed: bool  # both marks are seen
    currency: str | None
    unit: str | None  # as written in most cells
    bare: int  # numbers without any word beside them
    median_ten_thousandths: int | None
    has_decimals: bool
    odd: str | None
    odd_count: int


def numbers(values: Sequence[str]) -> Numbers:
    """What the values show as numbers with a currency or a unit beside them."""
    marks: Counter[str] = Counter()
    words: Counter[str] = Counter()
    read: list[str] = []
    odd: list[str] = []
    bare = 0
    for value in values:
        found = _NUMBER.match(unicodedata.normalize("NFKC", value))
        if found is None:
            odd.append(value)
            continue
        number = found["number"].strip()
        read.append(number)
        mark = decimal_mark(re.sub(r"[\s'’]", "", number))
        if mark:
            marks[mark] += 1
        beside = [*_WORDS.findall(found["before"] or ""), *_WORDS.findall(found["behind"] or "")]
        words.update(beside)
        bare += not beside
    decimal = marks.most_common(1)[0][0] if marks else None
    return Numbers(
        count=len(read),
        decimal=decimal,
        is_mixed=len(marks) > 1,
        currency=next((code for word, _ in words.most_common() if (code := currency_of(word))), None),
        unit=next(
            (word.casefold() for word, _ in words.most_common() if word.casefold() in WEIGHT_WORDS or word.casefold() in LENGTH_WORDS), None
        ),
        bare=bare,
        median_ten_thousandths=_median(read, decimal or "."),
        has_decimals=bool(marks),
        odd=odd[0] if odd else None,
        odd_count=len(odd),
    )


def decimal_mark(number: str) -> str | None:
    """The decimal mark that this number shows beyond doubt: "1.234" and "1,234" show none."""
    comma, point = number.rfind(","), number.rfind(".")
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    mark = "," if comma >= 0 else "." if point >= 0 else ""
    if not mark or number.count(mark) > 1:
        return {",": ".", ".": ","}.get(mark) if mark else None
    whole, _, rest = number.partition(mark)
    thousands = len(rest) == 3 and 1 <= len(whole) <= 3 and whole != "0"
    return None if thousands else mark


def _median(written: Sequence[str], decimal: str) -> int | None:
    found = []
    for number in written:
        plain = re.sub(r"[\s'’]", "", number).replace("." if decimal == "," else ",", "").replace(",", ".")
        whole, _, rest = plain.partition(".")
        if (whole or "0").isdigit() and len(whole) < 12:
            found.append(int(whole or "0") * 10_000 + int((rest + "0000")[:4] or "0"))
    return sorted(found)[len(found) // 2] if found else None


def likely_weight_unit(seen: Numbers) -> str | None:
    """The unit that bare numbers look like: shop goods weigh grams in hundreds, or kilograms with decimals."""
    if seen.median_ten_thousandths is None:
        return None
    if seen.has_decimals and seen.median_ten_thousandths < _LIGHT_KG * 10_000:
        return "kg"
    return "g" if seen.median_ten_thousandths >= _HEAVY_G * 10_000 else None


def likely_length_unit(seen: Numbers) -> str | None:
    """The unit that bare numbers look like: few goods are a meter long, many a hundred millimeters."""
    return "mm" if seen.median_ten_thousandths is not None and seen.median_ten_thousandths >= _LONG_MM * 10_000 else None


def text_language(texts: Sequence[str]) -> tuple[str | None, str]:
    """The language of the texts with the reason, None when they do not show it."""
    joined = " ".join(texts).casefold()
    letters = sum(letter.isalpha() for letter in joined) or 1
    for language, pattern in _LETTERS:
        found = len(re.findall(pattern, joined))
        if found * (100 if language != "vi" else 400) >= letters * 10:
            return language, "by its letters"
    words = Counter(re.findall(r"[^\W\d_]+", joined))
    score = {language: sum(words[word] for word in common) for language, common in _COMMON_WORDS.items()}
    for letter, language in _MOST_COMMON_HINT.items():
        score[language] += joined.count(letter) // 2
    best = max(score, key=lambda language: score[language])
    return (best, "by its commonest words") if score[best] >= 2 else (None, "")


def are_cents(values: Sequence[str]) -> bool:
    """Whether whole numbers end as prices do when they are written in cents: 4995, 10999, 249900."""
    plain = [value.strip() for value in values]
    whole = [value for value in plain if value.isdigit() and len(value) >= _CENTS_DIGITS]
    priced = sum(value.endswith(_CENTS) for value in whole)
    return len(whole) >= _CENTS_SEEN and len(whole) * 10 >= len(plain) * 9 and _mostly(priced, len(whole))


def are_pictures(values: Sequence[str]) -> bool:
    return _mostly(sum(bool(_PICTURE.search(value.strip())) for value in values), len(values))


def are_codes(values: Sequence[str]) -> bool:
    """Whether most values look like ids: no spaces, a digit."""
    return _mostly(sum(bool(_CODE.match(value.strip())) for value in values), len(values))


def are_row_numbers(values: Sequence[str]) -> bool:
    """1, 2, 3 …: the place in a list, which the next list gives to another product."""
    return (
        len(values) > 1
        and all(value.strip().isdigit() for value in values)
        and [int(value) for value in values] == list(range(int(values[0]), int(values[0]) + len(values)))
    )


def list_mark(values: Sequence[str], marks: Sequence[str]) -> str | None:
    """The mark that separates several entries in most of the cells that hold more than one."""
    counted = {mark: sum(mark in value for value in values) for mark in marks}
    best = max(marks, key=lambda mark: counted[mark])
    return best if counted[best] * 4 >= len(values) and counted[best] else None


def _mostly(part: int, whole: int) -> bool:
    return whole > 0 and part * 100 >= whole * _MOSTLY_PERCENT
