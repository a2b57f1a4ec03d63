"""How sure a source is: shared by rules and tariff layers."""

from enum import StrEnum


class Confidence(StrEnum):
    """How sure a rule's source is. A disputed rule makes a price an estimate."""

    CERTAIN = "certain"
    LIKELY = "likely"
    DISPUTED = "disputed"
