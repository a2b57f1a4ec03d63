"""The search port and relevance: what products are found by, what a question means, and in which order results stand.

`service.Search` is everything that can be done; `store` is the log of changes that indexes follow; adapters.search keeps the indexes.
"""

from tradewind.search import store
from tradewind.search.errors import JudgmentsAreInvalid, RelevanceIsInvalid, SearchIsNotBuilt
from tradewind.search.evaluation import Evaluation, Judgment, evaluate, read_judgments
from tradewind.search.model import (
    HOME,
    Alternative,
    Built,
    Counted,
    Facets,
    Filters,
    Found,
    Hit,
    IndexedProduct,
    Plan,
    PriceRange,
    Question,
    Results,
    Slot,
    Sorting,
    Stamp,
    Understanding,
)
from tradewind.search.ports import OpenIndex, SearchIndex, Words
from tradewind.search.relevance import FIELDS, Relevance, load_relevance
from tradewind.search.rules import attribute_facets, category_facet, code_of, price_ranges, price_steps, variant_for
from tradewind.search.service import Search
from tradewind.search.synonyms import Group, Synonyms, load_synonyms
from tradewind.search.understanding import understand, words_of

__all__ = [
    "FIELDS",
    "HOME",
    "Alternative",
    "Built",
    "Counted",
    "Evaluation",
    "Facets",
    "Filters",
    "Found",
    "Group",
    "Hit",
    "IndexedProduct",
    "Judgment",
    "JudgmentsAreInvalid",
    "OpenIndex",
    "Plan",
    "PriceRange",
    "Question",
    "Relevance",
    "RelevanceIsInvalid",
    "Results",
    "Search",
    "SearchIndex",
    "SearchIsNotBuilt",
    "Slot",
    "Sorting",
    "Stamp",
    "Synonyms",
    "Understanding",
    "Words",
    "attribute_facets",
    "category_facet",
    "code_of",
    "evaluate",
    "load_relevance",
    "load_synonyms",
    "price_ranges",
    "price_steps",
    "read_judgments",
    "store",
    "understand",
    "variant_for",
    "words_of",
]
