"""A market's offers are exchanged while somebody reads them all: tried for a moment, again and again, and never half done."""

from contextlib import ExitStack

import pytest

from tradewind.db import Database
from tradewind.offers import publish
from tradewind.offers.publish import OffersAreBeingRead


def test_a_backup_that_ends_is_waited_for_and_others_read_meanwhile(database: Database) -> None:
    pauses = list[float]()
    with ExitStack() as reading, database.transaction() as tx:
        reading.enter_context(database.transaction()).execute("LOCK TABLE offers_offer IN ACCESS SHARE MODE")

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            with database.transaction() as other:
                assert other.execute("SELECT count(*) FROM offers_offer").fetchone()
            if len(pauses) == 2:
                reading.close()

        tx.execute("CREATE TEMP TABLE built_before (number int) ON COMMIT DROP")
        publish.hold(tx, pause=pause)
        assert tx.execute("SELECT count(*) AS kept, current_setting('lock_timeout') AS wait FROM built_before").fetchone() == {
            "kept": 0,
            "wait": "5s",
        }
    assert len(pauses) == 2


def test_one_that_never_ends_is_told_as_what_it_is(database: Database) -> None:
    with database.transaction() as reading:
        reading.execute("LOCK TABLE offers_offer IN ACCESS SHARE MODE")
        with pytest.raises(OffersAreBeingRead, match="such as a backup"), database.transaction() as tx:
            publish.hold(tx, tries=2, pause=lambda _seconds: None)
