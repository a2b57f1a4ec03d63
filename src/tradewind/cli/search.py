"""tradewind search: build the indexes of markets and of the home catalog, ask them, and measure how good the answers are."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tradewind.search import Built, Results
    from tradewind.settings import Settings

SHOWN = 10
MOST = 100

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Search: its indexes, answers and quality.")

Market = Annotated[str | None, typer.Option("--market", metavar="CODE", help="A market, such as us.")]
Home = Annotated[bool, typer.Option("--home", help="The home catalog, in its own language.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def build(market: Market = None, home: Home = False, as_json: Json = False) -> None:
    """Make indexes anew: of every published market, of one, or of the home catalog.

    Publishing and stock changes keep them up to date; this is for a changed
    search.toml, or for a folder that was lost.

    Example: tradewind search build --market us
    """
    from tradewind.bootstrap.searching import open_search
    from tradewind.db import open_database
    from tradewind.offers import publish

    settings, done = _settings(), list["Built"]()
    if home:
        done.append(_build_home(settings))
    else:
        search = open_search(settings)
        with open_database(settings) as database:
            with database.transaction() as tx:
                markets = [market] if market else sorted(publish.publications(tx))
            done += [search.build(database, code) for code in markets]
    if as_json:
        print(json.dumps([asdict(one) for one in done], indent=2))
        return
    for one in done:
        print(f"{one.collection:8} {one.products:>9,} products of {one.offers:,} variants in {one.seconds:.1f} s")
    if not done:
        print("no market is published")


@app.command()
def query(  # noqa: PLR0917 - the options of the command
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What a shopper would type.")],
    market: Market = None,
    home: Home = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="How many results to show.")] = SHOWN,
    exact: Annotated[bool, typer.Option("--exact", help="Put no slips right.")] = False,
    as_json: Json = False,
) -> None:
    """Ask an index as a shopper would, and see what it makes of the question.

    Example: tradewind search query "wirless hedphones" --market us
    """
    from tradewind.bootstrap.searching import open_search
    from tradewind.search import Question

    found = open_search(_settings()).answer(_collection(market, home), Question(text, limit=limit, exact=exact))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=2))
        return
    _tell(found)


@app.command("eval")
def evaluate(
    judgments: Annotated[Path, typer.Argument(metavar="JUDGMENTS.csv", help="Columns query, product_id, grade (0 to 3).")],
    market: Market = None,
    home: Home = False,
    as_json: Json = False,
) -> None:
    """Measure the results by judgments that people made: NDCG@10 and Recall@100.

    Example: tradewind search eval judgments.csv --market us
    """
    from tradewind.bootstrap.searching import open_search
    from tradewind.search import Question, evaluate, read_judgments

    search, collection = open_search(_settings()), _collection(market, home)
    search.opened(collection)

    def ask(text: str, limit: int) -> list[str]:
        return [hit.product_id for hit in search.answer(collection, Question(text, limit=limit)).hits]

    measured = evaluate(read_judgments(judgments), ask)
    if as_json:
        print(json.dumps(asdict(measured), ensure_ascii=False, indent=2))
        return
    for one in sorted(measured.scores, key=lambda score: (score.ndcg, score.query)):
        print(f"{one.ndcg:5.3f}  {one.recall:5.3f}  {one.query}")
    print(f"NDCG@10 {measured.ndcg:.3f}, Recall@100 {measured.recall:.3f} over {len(measured.scores)} queries")


def _build_home(settings: "Settings") -> "Built":
    from tradewind.bootstrap.searching import open_search
    from tradewind.catalog import for_search, load_snapshot

    snapshot = load_snapshot(settings.home)
    return open_search(settings).build_home(for_search(snapshot), snapshot.snapshot_id, snapshot.language)


def _collection(market: str | None, home: bool) -> str:
    from tradewind.search import HOME

    if home == bool(market):
        raise typer.BadParameter("say which: --market CODE, or --home", param_hint="--market")
    return market or HOME


def _settings() -> "Settings":
    from tradewind.cli.options import settings_here

    return settings_here()


def _tell(found: "Results") -> None:
    meaning: Any = found.understanding
    if meaning.corrected:
        print(f"searched for: {meaning.corrected}")
    if meaning.did_you_mean:
        print(f"did you mean: {meaning.did_you_mean}")
    if found.nearest:
        print("nothing has every word; the nearest:")
    for hit in found.hits:
        print(f"{hit.score:8.2f}  {hit.product_id:20}  {hit.title}")
    print(f"{found.total:,} products")
    for name, values in (("categories", found.facets.categories), ("brands", found.facets.brands), *found.facets.attributes.items()):
        if values:
            print(f"{name}: " + ", ".join(f"{one.value} ({one.count:,})" for one in values))
