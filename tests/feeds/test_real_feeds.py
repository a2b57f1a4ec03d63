"""Real merchants' feeds: their known defects are found, whatever form the file has."""

from datetime import date
from pathlib import Path

import pytest

from tradewind.adapters.feeds.reading import FeedIsBroken, read_feed
from tradewind.checks.foreign import judge_file
from tradewind.kit import Currency

pytestmark = pytest.mark.shared_data
DAYS = (date(2026, 11, 23), date(2027, 2, 1))


@pytest.mark.parametrize(
    ("name", "country", "currency", "defects"),
    [
        ("hurom_cz_google.xml.gz", "CZ", "CZK", {"price_form", "availability_spelling", "gtin_duplicate", "shipping_not_in_feed"}),
        ("hurom_cz_facebook.xml.gz", "CZ", "CZK", {"identifiers_missing", "availability_spelling"}),
        ("huenox.xml.gz", "IN", "INR", {"identifiers_missing", "shipping_not_in_feed"}),
        ("eleswood.csv.gz", "US", "USD", {"id_too_long", "identifiers_missing"}),
        ("eleswood.xml.gz", "US", "USD", {"description_too_long", "group_without_difference"}),
        ("storebot.xml.gz", "US", "USD", {"sale_price_not_below"}),
    ],
)
def test_known_defects_are_found(shared_data: Path, name: str, country: str, currency: str, defects: set[str]) -> None:
    told = judge_file(shared_data / "data/feeds" / name, country, Currency(currency), DAYS)
    assert told.offers >= 18
    assert defects <= {finding.rule for finding in told.findings}
    assert told.verdicts_then["ok"] == 0


def test_a_feed_that_is_not_well_formed_is_refused_with_the_line(shared_data: Path) -> None:
    with pytest.raises(FeedIsBroken, match="line 13"):
        list(read_feed(shared_data / "data/feeds/newmerchant_br.xml.gz"))


def test_a_feed_without_ids_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text("sku,title\n1,x\n", encoding="utf-8")
    with pytest.raises(FeedIsBroken, match="no column id"):
        list(read_feed(tmp_path / "feed.csv"))
