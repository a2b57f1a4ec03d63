"""What a refusal or an item issue means, and what to do about it: fixes.toml, read once."""

import fnmatch
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

_FILE = resources.files("tradewind.listings").joinpath("data", "fixes.toml")


@dataclass(frozen=True, slots=True)
class Fix:
    """A meaning, and what to do, with the market's code filled in."""

    means: str
    do: str


def fix_of(kind: Literal["reason", "issue"], code: str, market: str) -> Fix:
    """The fix for the ErrorInfo reason of a refused call, or for the code of an item issue."""
    for pattern, found in _fixes(kind):
        if fnmatch.fnmatchcase(code, pattern):
            return Fix(found.means, found.do.replace("CODE", market))
    raise LookupError(f"fixes.toml has no last entry for {kind}")


@lru_cache(maxsize=2)
def _fixes(kind: str) -> tuple[tuple[str, Fix], ...]:
    rows = tomllib.loads(_FILE.read_text("utf-8"))["fix"]
    return tuple((row[kind], Fix(row["means"], row["do"])) for row in rows if kind in row)
