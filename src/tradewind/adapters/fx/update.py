"""Loads an official ECB file (eurofxref-hist.zip, .csv, eurofxref-daily.xml) from disk or an address; what is wrong leaves the old rates."""

import io
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from tradewind.adapters.fx.ecb import ECB_FILE, FX_FOLDER, EcbHistory, Rates, Table, is_rate, parse_history, written
from tradewind.adapters.fx.errors import RatesAreOld, RatesNotReached
from tradewind.pricing import RateIsInvalid

ECB_URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
MANIFEST_FILE = "ecb.json"
TIMEOUT_SECONDS = 20
MAX_BYTES = 50_000_000
_MIN_CURRENCIES = 10
_NEEDED = ("USD", "GBP", "JPY", "CNY")
# A reference rate that moves by half in a few weeks is likelier a wrong file than a market.
_MAX_MOVE = Decimal("1.5")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HINT = "take eurofxref-hist.zip from the ECB: tradewind fx update --from FILE"


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did: the newest day before and after, and how many days the table gained."""

    before: date
    after: date
    days_added: int
    currencies: int
    source: str
    path: Path


def update_rates(folder: Path, source: str, today: date, *, force: bool = False) -> Updated:
    """Loads the rates of a file or address into `folder`; RatesAreOld, RateIsInvalid or RatesNotReached leave everything as it was."""
    content = _fetched(source) if "://" in source else _read(Path(source))
    rows = read_ecb(content)
    known = EcbHistory.load(folder)
    _check(rows, known, today, source, force=force)
    path = folder / FX_FOLDER / ECB_FILE
    held: dict[date, Rates] = parse_history(path.read_text("ascii")) if path.is_file() and not force else {}
    # A file of one day adds its day; an official history takes the place of the same days.
    merged = {**held, **rows}
    before = known.newest_day
    _replace(path, written(merged))
    found = {"source": source, "sha256": sha256(content).hexdigest(), "newest_day": str(max(rows)), "loaded_on": str(today)}
    _replace(path.with_name(MANIFEST_FILE), json.dumps(found, indent=2) + "\n")
    newest = max(rows)
    return Updated(before, newest, len([day for day in rows if day > before]), len(rows[newest]), source, path)


def read_ecb(content: bytes) -> Table:
    """The table of an official file, whichever of the ECB's three forms it has; RateIsInvalid says what is wrong."""
    if content.startswith(b"PK"):
        content = _unpacked(content)
    if content.lstrip()[:1] == b"<":
        return _read_xml(content)
    try:
        return parse_history(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RateIsInvalid("the rates are neither a zip, nor XML, nor CSV", hint=_HINT) from None


def _unpacked(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if name.endswith(".csv")]
            if not names or archive.getinfo(names[0]).file_size > MAX_BYTES:
                raise RateIsInvalid(f"the zip holds {archive.namelist()[:3]}", hint=_HINT)
            return archive.read(names[0])
    except zipfile.BadZipFile as error:
        raise RateIsInvalid(f"the zip is broken: {error}", hint=_HINT) from None


def _read_xml(content: bytes) -> Table:
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise RateIsInvalid(f"the XML is broken: {error}", hint=_HINT) from None
    rows = dict[date, Rates]()
    for cube in root.iter("{*}Cube"):
        if cube.get("time"):
            day = str(cube.get("time"))
            pairs = ((str(one.get("currency")), str(one.get("rate"))) for one in cube)
            rows |= _one_day(day, {code: rate for code, rate in pairs if is_rate(rate)})
    if not rows:
        raise RateIsInvalid("the XML has no day of rates", hint=_HINT)
    return rows


def _one_day(day: str, rates: Rates) -> dict[date, Rates]:
    try:
        return {date.fromisoformat(day): rates}
    except ValueError:
        raise RateIsInvalid(f'the XML has rates of the day "{day}"', hint=_HINT) from None


def _check(rows: Table, known: EcbHistory, today: date, source: str, *, force: bool) -> None:
    newest = max(rows)
    rates = rows[newest]
    missing = [code for code in _NEEDED if code not in rates]
    if missing or len(rates) < _MIN_CURRENCIES:
        said = f"lack {missing[0]}" if missing else f"hold {len(rates)} currencies"
        raise RateIsInvalid(f"the rates of {newest} in {source} {said}", hint=_HINT)
    if newest > today + timedelta(days=1):
        raise RateIsInvalid(f"{source} has rates of {newest}, a day to come", hint="check the machine's clock, or the file")
    if newest < known.newest_day and not force:
        raise RatesAreOld(
            f"{source} ends on {newest}, and the rates here are of {known.newest_day}", hint="take a newer file, or add --force"
        )
    for code, text in rates.items():
        before = known.rate("EUR", code, newest)
        if before is None or force:
            continue
        factor = Decimal(text) * before.denominator / before.numerator
        if not 1 / _MAX_MOVE <= factor <= _MAX_MOVE:
            raise RateIsInvalid(
                f"{source}: one euro is {text} {code} on {newest}, {factor:.2f} times the rate of {before.day}",
                hint="if that is true, add --force",
            )


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise RateIsInvalid(f"{path} has {path.stat().st_size:,} bytes", hint=f"a file of rates has at most {MAX_BYTES:,}")
    return path.read_bytes()


def _fetched(url: str) -> bytes:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    _refuse_open(url)
    try:
        with urlopen(Request(url, headers={"User-Agent": "tradewind"}), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - checked above
            _refuse_open(answer.url)
            content: bytes = answer.read(MAX_BYTES + 1)
    except OSError as error:  # HTTP errors, refused connections and timeouts alike
        if isinstance(error, HTTPError):
            error.close()
        raise RatesNotReached(
            f"{url} did not give its rates: {error}", hint="the rates here are unchanged; try again, or tradewind fx update --from FILE"
        ) from None
    if len(content) > MAX_BYTES:
        raise RateIsInvalid(f"{url} gave more than {MAX_BYTES:,} bytes", hint=_HINT)
    return content


def _refuse_open(url: str) -> None:
    address = urlsplit(url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOOPBACK):
        raise RateIsInvalid(f'"{url}" is not an https address', hint=f"prices stand on these rates: take them from {ECB_URL}")


def _replace(path: Path, text: str) -> None:
    """Written aside and renamed: a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
