"""Feeds by language follow a publication to where they are handed over, and a recall leaves them there too."""

import sys
from pathlib import Path

import pytest
from running import Tradewind
from test_withdrawal import a_real_market, feed_ids, recall

sys.path.insert(0, str(Path(__file__).parents[1] / "feeds"))
from sftp_server import PASSWORD, USER, an_sftp_server

from real_catalog import a_run
from tradewind import bootstrap
from tradewind.adapters.feeds.reading import read_feed
from tradewind.db import Database
from tradewind.settings import Settings


def ids(folder: Path) -> set[str]:
    return {item["id"] for path in folder.glob("us/*/products*.tsv") for item in read_feed(path)}


@pytest.mark.slow
def test_a_publication_and_a_recall_reach_the_sftp_server(
    workspace: Settings, database: Database, tradewind: Tradewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server").mkdir()
    with an_sftp_server(tmp_path / "server") as served:
        (tmp_path / "known_hosts").write_text(served.known_hosts, encoding="ascii")
        place = f"sftp://{USER}@127.0.0.1:{served.port}/in"
        for name, value in (("TARGET", place), ("SFTP_PASSWORD", PASSWORD), ("SFTP_KNOWN_HOSTS", str(tmp_path / "known_hosts"))):
            monkeypatch.setenv(f"TRADEWIND_FEED_{name}", value)
        settings = Settings(home=workspace.home, database_url=workspace.database_url)
        said: list[str] = []
        runs = a_real_market(settings, database, feeds_follow=bootstrap.feeds_follow(settings, database, said.append))
        runs.run(a_run("us"))
        sent = ids(tmp_path / "server/in")
        assert sent == feed_ids(workspace)
        assert len(list((tmp_path / "server/in/us/en").glob("supplemental.*"))) == 4
        gone = min(sent)
        recall(tradewind, gone)
        assert ids(tmp_path / "server/in") == sent - {gone}
    runs.renew_feeds("us")
    assert "did not take the feeds" in said[-1]


@pytest.mark.slow
def test_without_a_place_nothing_is_made_until_it_was_made_by_hand(workspace: Settings, database: Database, tradewind: Tradewind) -> None:
    runs = a_real_market(workspace, database, feeds_follow=bootstrap.feeds_follow(workspace, database, print))
    runs.run(a_run("us"))
    assert ids(workspace.home / "feeds") == set()
    assert tradewind("listings", "publish-feeds").code == 0
    made = ids(workspace.home / "feeds")
    assert made == feed_ids(workspace)
    recall(tradewind, min(made))
    assert ids(workspace.home / "feeds") == made - {min(made)}
