"""tradewind stock check and sweep, as a person types them."""

import os
import sys
from pathlib import Path

import pytest

from tradewind.cli.app import main
from tradewind.db import Database
from tradewind.settings import Settings


@pytest.fixture
def typed(workspace: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Commands work on this workspace, where five units were counted and two of them held until yesterday."""
    assert workspace.database_url is not None
    monkeypatch.setitem(os.environ, "TRADEWIND_HOME", str(workspace.home))
    monkeypatch.setitem(os.environ, "TRADEWIND_DATABASE_URL", workspace.database_url.get_secret_value())
    (tmp_path / "counted.csv").write_text("sku,location_id,on_hand\nA,SZX-1,5\n", encoding="utf-8")
    assert run("stock", "import", str(tmp_path / "counted.csv")) == 0
    with database.transaction() as tx:
        tx.execute("INSERT INTO stock_reservation VALUES ('chk_1', 'A', 'SZX-1', 2, now() - interval '2 days', now() - interval '1 day')")
        tx.execute("UPDATE stock_level SET reserved = 2")
        tx.execute(
            "INSERT INTO stock_movement (sku, location_id, reserved, reason, reference, moved_at)"
            " VALUES ('A', 'SZX-1', 2, 'reserve', 'chk_1', now())"
        )
    return database


def run(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["tradewind", *arguments])
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
    return int(ended.value.code or 0)


def test_a_sweep_returns_expired_units(typed: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert (run("stock", "sweep"), run("stock", "sweep")) == (0, 0)
    told = capsys.readouterr().out
    assert "1 reservations expired, 2 units returned" in told
    assert "0 reservations expired, 0 units returned" in told


def test_a_check_that_holds_says_what_it_compared(typed: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("stock", "check") == 0
    assert "1 levels, 2 movements and 1 reservations compared" in capsys.readouterr().out


def test_a_check_that_fails_names_the_level_and_ends_with_3(typed: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with typed.transaction() as tx:
        tx.execute("UPDATE stock_level SET on_hand = 7")
    assert run("stock", "check") == 3
    assert "A at SZX-1: on_hand is 7, the ledger adds up to 5" in capsys.readouterr().out
