"""Lists that a retailer loads: parties that must not be served, and addresses of freight forwarders."""

import csv
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from tradewind.payments import PaymentDataIsInvalid, Person

DENIED_FILE, FORWARDER_FILE = "denied-parties.csv", "forwarders.csv"
_HINT = "docs/how-to/take-payments.md names the columns"
_MAX_ROWS = 500_000
_MIN_SINGLE_WORD = 5
_PERCENT = 100
_ASCII_WORDS = {number: chr(number).lower() if chr(number).isalnum() else " " for number in range(128)}


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody on a list: a name as it was listed, its country where it is known, and the list."""

    name: str
    country: str
    source: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A person who may be a listed party; `percent` says how alike the names are."""

    party: Party
    percent: int

    @property
    def same_name(self) -> bool:
        """Whether the names hold the same words, in whatever order."""
        return self.percent >= _PERCENT


class DeniedParties:
    """Listed parties by the words of their names, so that only those that share a word are compared."""

    def __init__(self, parties: Iterable[Party] = ()) -> None:
        self._by_word: dict[str, list[Party]] = {}
        for party in parties:
            for word in set(party.words):
                self._by_word.setdefault(word, []).append(party)

    def find(self, person: Person, similarity_percent: int) -> Match | None:
        """The likeliest party with at least this similarity; one of the person's own country before others."""
        words = words_of(person.name)
        if len(words) < 2 and len("".join(words)) < _MIN_SINGLE_WORD:
            return None
        candidates = {id(party): party for word in words for party in self._by_word.get(word, [])}
        found = [Match(party, _alike(words, party.words)) for party in candidates.values()]
        close = [match for match in found if match.percent >= similarity_percent]
        return max(close, key=lambda match: (match.percent, match.party.country == person.country), default=None)


class Forwarders:
    """Addresses from which parcels go on to somebody else."""

    def __init__(self, places: Iterable[tuple[str, str, str, str]] = ()) -> None:
        self._by_postcode: dict[tuple[str, str], list[tuple[tuple[str, ...], str]]] = {}
        for country, postcode, line, name in places:
            key = (country.upper(), _compact(postcode))
            self._by_postcode.setdefault(key, []).append((words_of(line), name))

    def find(self, person: Person) -> str | None:
        """The name of the forwarder whose street stands in the person's address."""
        given = set(words_of(" ".join(person.lines)))
        for words, name in self._by_postcode.get((person.country.upper(), _compact(person.postcode)), []):
            if words and given.issuperset(words):
                return name
        return None


def load_denied(folder: Path | None) -> DeniedParties:
    """The parties of `denied-parties.csv` in the retailer's folder; none without it. PaymentDataIsInvalid."""
    rows = _rows(folder, DENIED_FILE, ("name", "country", "source"))
    return DeniedParties(
        Party(name, row["country"].strip().upper(), row["source"].strip(), words_of(name))
        for row in rows
        for name in (row["name"].strip(), *(one.strip() for one in (row.get("alt_names") or "").split(";")))
        if name
    )


def load_forwarders(folder: Path | None) -> Forwarders:
    """The addresses of `forwarders.csv` in the retailer's folder; none without it. PaymentDataIsInvalid."""
    rows = _rows(folder, FORWARDER_FILE, ("country", "postcode", "line", "name"))
    return Forwarders((row["country"], row["postcode"], row["line"], row["name"]) for row in rows)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name or street without case, accents and punctuation, sorted."""
    if text.isascii():  # it has no accents, and most names and streets are
        return tuple(sorted(text.translate(_ASCII_WORDS).split()))
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)).casefold()
    return tuple(sorted("".join(sign if sign.isalnum() else " " for sign in plain).split()))


def _alike(words: tuple[str, ...], others: tuple[str, ...]) -> int:
    if words == others:
        return _PERCENT
    ratio = SequenceMatcher(None, " ".join(words), " ".join(others), autojunk=False).ratio()
    return min(int(ratio * _PERCENT), _PERCENT - 1)


def _compact(text: str) -> str:
    return "".join(text.split()).upper()


def _rows(folder: Path | None, name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    path = folder / name if folder is not None else None
    if path is None or not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [column for column in columns if column not in (reader.fieldnames or [])]
            if missing:
                raise PaymentDataIsInvalid(f"{name} has no column {missing[0]}", hint=_HINT)
            rows = [row for _, row in zip(range(_MAX_ROWS + 1), reader, strict=False)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise PaymentDataIsInvalid(f"{name} cannot be read: {error}", hint=_HINT) from None
    if len(rows) > _MAX_ROWS:
        raise PaymentDataIsInvalid(f"{name} has more than {_MAX_ROWS:,} rows", hint=_HINT)
    return rows
