"""Newer exchange rates come in whole or not at all."""

import io
import threading
import zipfile
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tradewind.adapters.fx import EcbHistory, RatesAreOld, RatesNotReached, read_ecb, update_rates
from tradewind.kit import TradewindError
from tradewind.pricing import RateIsInvalid

TODAY = date(2026, 11, 23)
CODES = ("USD", "GBP", "JPY", "CNY", "AUD", "CAD", "CHF", "SGD", "THB", "SEK", "PLN")


def rates(usd: str = "1.1201") -> dict[str, str]:
    """The shipped rates, so that every currency is where it was, and another dollar."""
    history, shipped = EcbHistory(), {}
    for code in CODES:
        found = history.rate("EUR", code, date(2026, 10, 30))
        assert found is not None
        shipped[code] = f"{found.numerator / found.denominator:.4f}"
    return shipped | {"USD": usd}


def a_csv(day: str = "2026-11-20", **more: str) -> bytes:
    held = rates(**more)
    return f"Date,{','.join(held)},\n{day},{','.join(held.values())},\n".encode()


def an_xml(day: str = "2026-11-20") -> bytes:
    cubes = "".join(f"<Cube currency='{code}' rate='{rate}'/>" for code, rate in rates().items())
    name = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref"
    return f"<?xml version='1.0'?><E xmlns='{name}'><Cube><Cube time='{day}'>{cubes}</Cube></Cube></E>".encode()


def a_zip(content: bytes, name: str = "eurofxref-hist.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def dollar(folder: Path) -> tuple[str, date]:
    found = EcbHistory.load(folder).rate("EUR", "USD", TODAY)
    assert found is not None
    return f"{found.numerator / found.denominator:.4f}", found.day


@pytest.mark.parametrize("content", [a_csv(), an_xml(), a_zip(a_csv()), a_zip(a_csv("20 November 2026"), "eurofxref.csv")])
def test_each_form_of_the_ecb_is_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    done = update_rates(tmp_path, str(tmp_path / "file"), TODAY)
    assert (done.before, done.after, done.days_added) == (date(2026, 10, 30), date(2026, 11, 20), 1)
    assert dollar(tmp_path) == ("1.1201", date(2026, 11, 20))


def test_days_loaded_one_by_one_add_up(tmp_path: Path) -> None:
    for day in ("2026-11-19", "2026-11-20"):
        (tmp_path / "file").write_bytes(an_xml(day))
        update_rates(tmp_path, str(tmp_path / "file"), TODAY)
    found = EcbHistory.load(tmp_path).rate("EUR", "USD", date(2026, 11, 19))
    assert found is not None
    assert found.day == date(2026, 11, 19)


def test_the_shipped_history_stays_behind_what_was_loaded(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(an_xml())
    update_rates(tmp_path, str(tmp_path / "file"), TODAY)
    old = EcbHistory.load(tmp_path).rate("EUR", "USD", date(2020, 3, 3))
    assert old == EcbHistory().rate("EUR", "USD", date(2020, 3, 3))


def test_a_loaded_day_stands_before_the_shipped_one_although_the_columns_differ(tmp_path: Path) -> None:
    (tmp_path / "fx").mkdir()
    (tmp_path / "fx" / "ecb.csv").write_text("Date,GBP,USD\n2020-03-03,0.5,4\n", "ascii")
    found = EcbHistory.load(tmp_path)
    rate = found.rate("EUR", "USD", date(2020, 3, 3))
    assert rate is not None
    assert (rate.numerator, rate.denominator) == (4, 1)
    assert found.rate("EUR", "USD", date(2020, 3, 4)) == EcbHistory().rate("EUR", "USD", date(2020, 3, 4))


def test_an_older_file_is_refused_and_taken_by_force(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(a_csv("2026-10-01"))
    with pytest.raises(RatesAreOld, match="2026-10-01"):
        update_rates(tmp_path, str(tmp_path / "file"), TODAY)
    assert not (tmp_path / "fx").exists()
    assert update_rates(tmp_path, str(tmp_path / "file"), TODAY, force=True).after == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "begin with"),
        (b"PK\x03\x04 broken", "zip"),
        (b"<html><body>maintenance</body>", "XML"),
        (b"<html/>", "no day"),
        (b"\xff\xfe\x00", "neither"),
        (b"Date,USD\n2026-11-20,1.1\n", "lack GBP"),
        (a_csv("someday"), "someday"),
        (a_csv("2027-01-01"), "to come"),
        (a_csv(usd="11.2"), "times the rate"),
        (a_csv(usd="NaN"), "lack USD"),
        (a_csv(usd="-1"), "lack USD"),
    ],
)
def test_a_wrong_file_leaves_the_old_rates(content: bytes, word: str, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(a_csv("2026-11-19"))
    update_rates(tmp_path, str(tmp_path / "good"), TODAY)
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(RateIsInvalid, match=word):
        update_rates(tmp_path, str(tmp_path / "file"), TODAY)
    assert dollar(tmp_path) == ("1.1201", date(2026, 11, 19))


def test_an_xml_that_asks_for_files_gets_none(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("1.5")
    evil = (
        an_xml().replace(b"<E ", f"<!DOCTYPE E [<!ENTITY x SYSTEM 'file://{tmp_path}/secret'>]><E ".encode()).replace(b"'1.1201'", b"'&x;'")
    )
    with pytest.raises(TradewindError):
        read_ecb(evil)


@pytest.fixture
def address() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/rates" else 503)
            self.end_headers()
            self.wfile.write(a_zip(a_csv()))

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_rates_come_from_an_address(address: str, tmp_path: Path) -> None:
    assert update_rates(tmp_path, f"{address}/rates", TODAY).after == date(2026, 11, 20)


@pytest.mark.parametrize("path", ["{0}/broken", "http://127.0.0.1:9/closed"])
def test_an_address_that_fails_leaves_the_old_rates(path: str, address: str, tmp_path: Path) -> None:
    with pytest.raises(RatesNotReached) as caught:
        update_rates(tmp_path, path.format(address), TODAY)
    assert "unchanged" in caught.value.hint
    assert not (tmp_path / "fx").exists()


@pytest.mark.parametrize("address", ["http://rates.example.com/hist.zip", "ftp://rates.example.com/hist.zip", "file:///etc/passwd"])
def test_rates_are_fetched_over_https_only(address: str, tmp_path: Path) -> None:
    with pytest.raises(RateIsInvalid, match="https"):
        update_rates(tmp_path, address, TODAY)
