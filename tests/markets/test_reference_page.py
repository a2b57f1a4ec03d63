"""The page on markets tells every kind, key, level and market; the market of the how-to loads as it is written."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from tradewind.markets import AreaKind, Level, RuleKind, area_of, load_market, load_markets
from tradewind.markets.files import MARKET_KEYS
from tradewind.markets.rows import COUNTED, NEEDED_KEYS, PLACES, RULE_KEYS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "reference" / "markets.md").read_text(encoding="utf-8")
WORDS = {
    *RULE_KEYS, *MARKET_KEYS, *COUNTED, *PLACES, *(kind.value for kind in RuleKind), *(level.value for level in Level), *load_markets(),
    *(kind.value for kind in AreaKind if kind is not AreaKind.SERVED),
} - {"rule", "unserved", "zone"}  # fmt: skip


@pytest.mark.parametrize("word", sorted(WORDS))
def test_the_page_tells_it(word: str) -> None:
    assert re.search(rf"`{word}\b", PAGE)


@pytest.mark.parametrize("kind", list(RuleKind))
def test_the_page_tells_what_a_kind_needs(kind: RuleKind) -> None:
    row = next(line for line in PAGE.splitlines() if re.match(rf"\| .*`{kind.value}`.*\| `", line))
    assert all(f"`{key}`" in row for key in NEEDED_KEYS[kind])


def test_the_market_of_the_guide_loads(tmp_path: Path) -> None:
    guide = (DOCS / "how-to" / "add-a-market.md").read_text(encoding="utf-8")
    text = dedent(guide.split("```toml\n")[1].split("   ```\n")[0])
    (tmp_path / "fi.toml").write_text(text, encoding="utf-8")
    finland = load_market("fi", tmp_path)
    assert area_of(finland, "22100").kind is AreaKind.OTHER_TAX_AREA
    assert finland.level is Level.PRICEABLE
