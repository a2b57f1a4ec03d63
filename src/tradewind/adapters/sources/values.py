"""What no row may hold, wherever it is nested."""

from tradewind.adapters.sources.limits import MAX_DEPTH


def text_problem(record: dict[str, object]) -> tuple[str, str] | None:
    """The field (dotted) and the reason why a decoded record cannot be kept, or None."""
    waiting: list[tuple[str, object, int]] = [(key, value, 1) for key, value in record.items()]
    waiting += [(key, key, 1) for key in record]
    while waiting:
        place, value, depth = waiting.pop()
        if isinstance(value, str):
            problem = character_problem(value)
            if problem:
                return _shown(place), problem
        elif depth > MAX_DEPTH:
            return _shown(place), f"it is nested more than {MAX_DEPTH} levels deep"
        elif isinstance(value, dict):
            waiting += [(f"{place}.{key}", key, depth + 1) for key in value]
            waiting += [(f"{place}.{key}", child, depth + 1) for key, child in value.items()]
        elif isinstance(value, list):
            waiting += [(place, child, depth + 1) for child in value]
    return None


def character_problem(text: str) -> str:
    """Why a text cannot be stored: a NUL, or half of a surrogate pair; empty when it can."""
    if "\0" in text:
        return "it holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "it holds half of a surrogate pair"
    return ""


def _shown(place: str) -> str:
    return place.encode("utf-8", "replace").decode().replace("\0", "\\0")[:200]
