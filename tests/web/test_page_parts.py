"""What pages share is worked out once: the words of a language when a template is compiled, head and foot once for each publication and day."""

import re
from pathlib import Path

import pytest
from web_running import Running

import tradewind.web
from tradewind.db import open_database
from tradewind.web import render
from tradewind.web.speech import LANGUAGES

TEMPLATES = Path(tradewind.web.__file__).parent / "templates"
WORDS = sorted({found for path in TEMPLATES.rglob("*.html") for found in re.findall(r"""_\(["']([^"']*)["']\)""", path.read_text("utf-8"))})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_worked_out_beforehand_is_the_word_of_the_moment(language: str) -> None:
    made = render.environment(language)
    called = made.from_string("{{ _(word) }}")
    assert len(WORDS) > 100
    for word in [*WORDS, "<b> & 100%% sure"]:
        assert made.from_string(f"{{{{ _({word!r}) }}}}").render() == called.render(word=word), word


@pytest.mark.parametrize(("market", "words"), [("us", "Delivering to"), ("de", "Hilfe"), ("th", "ช่วยเหลือ")])
def test_every_page_of_a_market_has_the_same_head_and_foot(shop: Running, market: str, words: str) -> None:
    pages = [shop.get(f"/{market}/{path}").text for path in ("p/HX-4411-BLK", "p/P-3", "c/electronics", "about/returns")]
    heads = {text[text.index("<header") : text.index("</header>")] for text in pages}
    feet = {text[text.index("<footer") : text.rindex("<nav aria-label")] for text in pages}
    assert (len(heads), len(feet)) == (1, 1)
    assert words in heads.pop() + feet.pop()


def test_a_change_of_what_is_published_makes_head_and_foot_anew(shop: Running) -> None:
    frames = shop.app.state.house.frames
    shop.get("/us/p/P-3")
    before = frames["us"]
    shop.get("/us/p/HX-4411-BLK")
    assert frames["us"] is before
    with open_database(shop.settings) as database, database.transaction() as tx:
        tx.execute("UPDATE offers_publication SET withdrawals = withdrawals + 1 WHERE market = 'us'")
    shop.get("/us/p/P-3")
    assert frames["us"] is not before


def test_the_head_of_a_search_holds_what_was_asked(shop: Running) -> None:
    assert 'name="q" type="search" value="wool &lt;sock&gt;"' in shop.get("/us/search?q=wool+%3Csock%3E").text
    assert 'name="q" type="search" value=""' in shop.get("/us/").text


def test_a_category_counts_brands_and_colors_once_for_each_publication(shop: Running) -> None:
    kept = shop.app.state.house._facets
    kept.clear()
    first = shop.get("/us/c/electronics").text
    assert (len(kept), shop.get("/us/c/electronics?order=price").status_code, len(kept)) == (1, 200, 1)
    with open_database(shop.settings) as database, database.transaction() as tx:
        colors = tx.execute(
            "SELECT color, count(*) AS offers FROM offers_offer WHERE market = 'us' AND category = ANY(%s) AND withdrawn_at IS NULL"
            " AND color IS NOT NULL GROUP BY color ORDER BY offers DESC, color",
            (list(next(iter(kept))[1]),),
        ).fetchall()
        tx.execute("UPDATE offers_publication SET withdrawals = withdrawals + 1 WHERE market = 'us'")
    assert [(one.value, one.offers_count) for one in next(iter(kept.values()))["color"]] == [
        (row["color"], row["offers"]) for row in colors
    ]
    assert all(f"{row['color']} ({row['offers']})" in first for row in colors)
    shop.get("/us/c/electronics")
    assert len(kept) == 2
