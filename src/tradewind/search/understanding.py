"""What a question means: its words, their slips, their synonyms. Pure: the words of the index come in through a port."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tradewind.search.model import Alternative, Counted, Slot, Understanding
from tradewind.search.ports import Words
from tradewind.search.relevance import Relevance
from tradewind.search.synonyms import LONGEST, Synonyms

MAX_LETTERS = 200
MAX_WORDS = 12
CANDIDATES_ASKED = 20
COMPOUNDS_ASKED = 8
# Languages that run words together: who asks for a vase means a Keramikvase too.
COMPOUNDING = frozenset({"da", "de", "fi", "nl", "no", "sv"})
# Scripts without spaces stand as one run; their analyzers take them apart.
_RUNS = re.compile(r"[\u0e00-\u0e7f]+|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|[^\W_]+(?:['’][^\W_]+)?")
# NFKC takes this Thai vowel apart, which no text of a shop does.
_SARA_AM, _SARA_AM_APART = "\u0e33", "\u0e4d\u0e32"
_SPACED = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A word as typed, what is searched for it, and what was perhaps meant."""

    typed: str
    alternatives: tuple[Alternative, ...]
    perhaps: str | None = None

    @property
    def shown(self) -> str:
        return self.alternatives[0].text


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: composed, small, without signs; at most MAX_WORDS."""
    small = unicodedata.normalize("NFKC", text[:MAX_LETTERS]).lower().replace(_SARA_AM_APART, _SARA_AM)
    return tuple(match[0].replace("’", "'") for match in _RUNS.finditer(small))[:MAX_WORDS]


def is_unspaced(text: str) -> bool:
    """Whether the text is of a script that writes no spaces between words."""
    return bool(_UNSPACED.search(text))


def is_correctable(word: str, relevance: Relevance) -> bool:
    """Whether the word is one of letters between spaces, long enough to be misspelt."""
    return bool(_SPACED.fullmatch(word)) and not is_unspaced(word) and len(word) >= relevance["spelling.letters_1"]


def understand(text: str, words: Words, relevance: Relevance, synonyms: Synonyms, *, exact: bool = False) -> Understanding:
    """The slots that a product must meet, with slips put right unless the question is `exact`."""
    typed = [word for word in words_of(text) if any(words.stems(word, language) for language in words.languages)]
    readings = [_Reading(word, (Alternative(word),)) if exact else _read(word, words, relevance) for word in typed]
    joined = readings if exact else _join(readings, words)
    shown = " ".join(one.shown for one in joined)
    perhaps = " ".join(one.perhaps or one.shown for one in joined)
    return Understanding(
        text=text.strip()[:MAX_LETTERS],
        slots=_slots(joined, words, relevance, synonyms),
        corrected=shown if any(one.shown != one.typed for one in joined) else None,
        did_you_mean=perhaps if any(one.perhaps for one in joined) else None,
    )


def _read(word: str, words: Words, relevance: Relevance) -> _Reading:
    """The word itself where products have it; else its nearest neighbors, or the two words that it was run together from."""
    plain = (Alternative(word),)
    if not is_correctable(word, relevance):
        return _Reading(word, plain)
    count, compounds = words.count(word), _compounds(word, words, relevance)
    if count or compounds:
        return _Reading(word, plain + compounds, _usual(word, count, words, relevance) if count else None)
    parts = _parts(word, words)
    for distance in (1, 2):
        if distance == 2 and (parts or len(word) < relevance["spelling.letters_2"]):
            break
        found = _nearest(word, words.near(word, distance, CANDIDATES_ASKED))
        if found:
            weight = relevance[f"match.spelling_{distance}"]
            return _Reading(word, tuple(Alternative(one.value, weight) for one in found[: int(relevance["spelling.candidates"])]))
    return _Reading(word, (Alternative(parts),)) if parts else _Reading(word, plain)


def _compounds(word: str, words: Words, relevance: Relevance) -> tuple[Alternative, ...]:
    """The compounds that end with the word, in languages that make them."""
    if COMPOUNDING.isdisjoint(words.languages):
        return ()
    return tuple(Alternative(one.value, relevance["match.compound"]) for one in words.ending(word, COMPOUNDS_ASKED))


def replaced(meaning: Understanding, place: int, word: str, weight: float) -> Understanding:
    """The same with another word in one slot: what the others make likely."""
    slots = [*meaning.slots]
    slots[place] = Slot((Alternative(word, weight),))
    return replace(meaning, slots=tuple(slots), corrected=" ".join(slot.alternatives[0].text for slot in slots))


def _usual(word: str, count: int, words: Words, relevance: Relevance) -> str | None:
    """A neighbor that is so much more frequent that the word is perhaps a slip which a product shares."""
    found = _nearest(word, [one for one in words.near(word, 1, CANDIDATES_ASKED) if one.value != word])
    best = max(found, key=lambda one: one.count, default=None)
    same = best is not None and any(words.stems(best.value, language) == words.stems(word, language) for language in words.languages)
    return best.value if best is not None and not same and best.count >= count * relevance["spelling.usual"] else None


def _nearest(word: str, found: Sequence[Counted]) -> list[Counted]:
    """The likeliest first: slips seldom hit the first letter, and frequent words are meant more often."""
    return sorted(found, key=lambda one: (one.value[:1] != word[:1], -one.count, one.value))


def _parts(word: str, words: Words) -> str | None:
    """Two words of the index that make up this one, the most evenly frequent; None when there are none."""
    cuts = [(word[:at], word[at:]) for at in range(3, len(word) - 2)]
    counted = [(min(words.count(left), words.count(right)), left, right) for left, right in cuts]
    best = max(counted, default=(0, "", ""))
    return f"{best[1]} {best[2]}" if best[0] else None


def _join(readings: list[_Reading], words: Words) -> list[_Reading]:
    """Neighbors that the index knows as one word ("head phones") are asked for in both ways."""
    joined, skip = list[_Reading](), False
    for left, right in [*pairwise(readings), (readings[-1], None)] if readings else []:
        if skip:
            skip = False
            continue
        whole = left.typed + right.typed if right is not None else ""
        if right is None or not _SPACED.fullmatch(whole) or is_unspaced(whole) or not words.count(whole):
            joined.append(left)
            continue
        apart = f"{left.typed} {right.typed}"
        known = left.shown == left.typed and right.shown == right.typed
        joined.append(_Reading(apart if known else whole, (Alternative(apart if known else whole), Alternative(whole if known else apart))))
        skip = True
    return joined


def _slots(readings: Sequence[_Reading], words: Words, relevance: Relevance, synonyms: Synonyms) -> tuple[Slot, ...]:
    """One slot for each reading; neighbors that are one expression with synonyms share theirs."""
    slots, at = list[Slot](), 0
    while at < len(readings):
        length, others = _synonyms_at(readings, at, words, synonyms)
        span = readings[at : at + length]
        first = span[0].alternatives if length == 1 else (Alternative(" ".join(one.shown for one in span)),)
        more = tuple(Alternative(word, relevance["match.synonym"]) for word in others)
        slots.append(Slot(first + more))
        at += length
    return tuple(slots)


def _synonyms_at(readings: Sequence[_Reading], at: int, words: Words, synonyms: Synonyms) -> tuple[int, tuple[str, ...]]:
    """The longest expression with synonyms that begins here: how many readings it covers, and the synonyms."""
    for length in range(min(LONGEST, len(readings) - at), 0, -1):
        text = " ".join(one.shown for one in readings[at : at + length])
        found = [synonyms.others.get(words.stems(text, language), ()) for language in words.languages]
        others = tuple(dict.fromkeys(word for group in found for word in group))
        if others:
            return length, others
    return 1, ()
