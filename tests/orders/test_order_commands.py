"""tradewind order, as a person types it."""

import os

import pytest
from counter import Counter

from tradewind.cli.app import main
from tradewind.settings import Settings


def typed(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    assert settings.database_url is not None
    monkeypatch.setitem(os.environ, "TRADEWIND_HOME", str(settings.home))
    monkeypatch.setitem(os.environ, "TRADEWIND_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setattr("sys.argv", ["tradewind", *arguments])
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_an_order_is_listed_shipped_refunded_and_shown(
    counter: Counter, workspace: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.buy(("S1", 2))
    assert typed(workspace, monkeypatch, "order", "list") == 0
    assert "100001" in capsys.readouterr().out
    assert typed(workspace, monkeypatch, "order", "ship", "100001", "--carrier", "DHL", "--tracking", "JD01", "--line", "line_1=1") == 0
    assert "1 units left with DHL, JD01" in capsys.readouterr().out
    assert typed(workspace, monkeypatch, "order", "refund", "100001", "--amount", "1.00", "--reason", "late") == 0
    assert "refund of USD 1.00 is completed" in capsys.readouterr().out
    assert typed(workspace, monkeypatch, "order", "show", "100001") == 0
    assert "open, partial" in capsys.readouterr().out


def test_an_order_is_canceled_and_an_unknown_one_told(
    counter: Counter, workspace: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.buy(("S1", 2))
    assert typed(workspace, monkeypatch, "order", "cancel", "100001", "--reason", "twice") == 0
    assert "100001 is canceled" in capsys.readouterr().out
    assert typed(workspace, monkeypatch, "order", "deliver", "7") == 1
    assert 'there is no order "7"' in capsys.readouterr().err
