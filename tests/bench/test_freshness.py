"""The measurement of freshness does what it says: every change is booked, written and queued."""

from bench.freshness import MARKETS, drive, prepare

from tradewind.db import Database


def test_every_change_is_booked_and_timed(database: Database) -> None:
    prepare(database, offers=50)
    took, cpu, wall = drive(database, seconds=1, rate=100, offers=50)
    with database.transaction() as tx:
        row = tx.execute(
            "SELECT (SELECT count(*) FROM stock_delta) AS booked, (SELECT count(*) FROM offers_change) AS written,"
            " (SELECT count(*) FROM listings_held WHERE urgency IS NOT NULL) AS queued,"
            " (SELECT count(*) FROM offers_offer WHERE quantity = 0) AS gone"
        ).fetchone()
    assert row
    assert (len(took), row["booked"]) == (100, 100)
    assert row["written"] >= len(MARKETS)
    assert row["queued"] == row["gone"]
    assert min(took) >= 0
    assert 0 < cpu < wall + 5
