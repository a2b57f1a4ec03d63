"""How good the results are: NDCG@10 and Recall@100 over judgments that people made."""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tradewind.search.errors import JudgmentsAreInvalid

COLUMNS = ("query", "product_id", "grade")
GRADES = range(4)
NDCG_AT = 10
RECALL_AT = 100
MAX_JUDGMENTS = 1_000_000
_HINT = "columns: query, product_id, grade; grades: 0 wrong, 1 related, 2 good, 3 exactly that"


@dataclass(frozen=True, slots=True)
class Judgment:
    """How well a product answers a query: 0 wrong, 1 related, 2 good, 3 exactly that."""

    query: str
    product_id: str
    grade: int


@dataclass(frozen=True, slots=True)
class QueryScore:
    """One query's figures, between 0 and 1."""

    query: str
    ndcg: float
    recall: float
    found: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The means over all queries that have something to find, and each query's own."""

    ndcg: float
    recall: float
    scores: tuple[QueryScore, ...]


def read_judgments(path: Path) -> list[Judgment]:
    """The rows of a CSV file; JudgmentsAreInvalid names the line."""
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = csv.DictReader(source)
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise JudgmentsAreInvalid(f"{path.name} has the columns {', '.join(rows.fieldnames or ()) or 'none'}", hint=_HINT)
        found = [_judgment(row, number, path.name) for number, row in enumerate(rows, start=2) if any(row.values())]
    if len(found) > MAX_JUDGMENTS or not found:
        raise JudgmentsAreInvalid(f"{path.name} has {len(found):,} judgments; 1 to {MAX_JUDGMENTS:,} can be read", hint=_HINT)
    return found


def evaluate(judgments: Sequence[Judgment], search: Callable[[str, int], Sequence[str]]) -> Evaluation:
    """The figures of `search` (query, limit → product ids). A product that nobody judged counts as wrong."""
    by_query: dict[str, dict[str, int]] = {}
    for one in judgments:
        by_query.setdefault(one.query, {})[one.product_id] = one.grade
    scores = []
    for query, grades in by_query.items():
        if any(grades.values()):
            found = search(query, RECALL_AT)
            scores.append(QueryScore(query, ndcg(grades, found), recall(grades, found), len(found)))
    if not scores:
        raise JudgmentsAreInvalid("no query has a product with a grade above 0", hint=_HINT)
    return Evaluation(_mean([one.ndcg for one in scores]), _mean([one.recall for one in scores]), tuple(scores))


def ndcg(grades: Mapping[str, int], found: Sequence[str], at: int = NDCG_AT) -> float:
    """Normalized discounted cumulative gain: 1.0 when the best stand first (gain 2^grade - 1, discount log2 of the place + 1)."""
    best = _gain(sorted(grades.values(), reverse=True)[:at])
    return _gain([grades.get(product_id, 0) for product_id in found[:at]]) / best if best else 0.0


def recall(grades: Mapping[str, int], found: Sequence[str], at: int = RECALL_AT) -> float:
    """The share of the products with a grade above 0 that were found."""
    relevant = {product_id for product_id, grade in grades.items() if grade > 0}
    return len(relevant & set(found[:at])) / len(relevant) if relevant else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum(((1 << grade) - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _judgment(row: Mapping[str, str | None], number: int, name: str) -> Judgment:
    query, product_id, grade = ((row[column] or "").strip() for column in COLUMNS)
    if not query or not product_id or grade not in {str(one) for one in GRADES}:
        raise JudgmentsAreInvalid(f'{name}, line {number}: "{query}", "{product_id}", grade "{grade}"', hint=_HINT)
    return Judgment(query, product_id, int(grade))
