"""`tradewind ucp selfcheck`: plays a platform against the running server."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.options import settings_here

if TYPE_CHECKING:
    from tradewind.checks.ucp import Report

FOUND_ISSUES = 1
NAME_WIDTH = 38
# Places that exist, to ask for prices and options; no parcel goes there.
ADDRESSES: dict[str, dict[str, str]] = {
    "US": {"street_address": "350 5th Ave", "address_locality": "New York", "address_region": "NY", "postal_code": "10118"},
    "DE": {"street_address": "Invalidenstr. 1", "address_locality": "Berlin", "postal_code": "10115"},
    "GB": {"street_address": "221B Baker Street", "address_locality": "London", "postal_code": "NW1 6XE"},
    "TH": {
        "street_address": "1 Rama I Road",
        "address_locality": "Pathum Wan",
        "address_region": "กรุงเทพมหานคร",
        "postal_code": "10330",
    },
}


def selfcheck(
    *,
    url: Annotated[str | None, typer.Option(metavar="URL", help="The server; TRADEWIND_PUBLIC_URL without it.")] = None,
    market: Annotated[str, typer.Option(help="The market that buys.")] = "us",
    sample: Annotated[int, typer.Option(min=1, metavar="N", help="How many offers must sell at their feed price.")] = 100,
    buy: Annotated[bool, typer.Option("--buy", help="Place an order too; only where the fake bank answers.")] = False,
    address: Annotated[Path | None, typer.Option(metavar="FILE", help="A postal address as UCP's JSON.")] = None,
    seconds: Annotated[int, typer.Option(min=1, max=300, help="How long to wait for a webhook.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Play a platform against the running server, and read Google's list.

    Example: tradewind ucp selfcheck --market us --buy
    """
    from tradewind.checks.ucp import Wanted, self_check
    from tradewind.markets import load_market

    settings = settings_here()
    here = load_market(market.strip().lower(), settings.own_rules)
    feed = settings.home / "feeds" / here.code / "products.tsv"
    place = _address(here.country, address)
    report = self_check(Wanted(url or settings.public_url, here.code, here.country, feed, place, sample, buy, seconds))
    if as_json:
        print(json.dumps(_told(report), ensure_ascii=False, indent=2))
    else:
        _print(report)
    if report.failed:
        raise typer.Exit(FOUND_ISSUES)


def _address(country: str, file: Path | None) -> dict[str, str]:
    from tradewind.kit import InputIsInvalid

    if file is not None:
        try:
            found = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputIsInvalid(f"{file}: {error}", hint="see postal_address in the protocol's schemas") from None
        return {str(name): str(value) for name, value in found.items()}
    if country not in ADDRESSES:
        raise InputIsInvalid(f"no address in {country} is known here", hint="give one with --address FILE")
    return {**ADDRESSES[country], "address_country": country}


def _told(report: "Report") -> dict[str, Any]:
    return {"failed": report.failed, "steps": [asdict(one) for one in report.steps], "took_ms": report.took_ms}


def _print(report: "Report") -> None:
    area = ""
    for one in report.steps:
        if one.area != area:
            area = one.area
            print(area)
        print(f"  {one.verdict:8} {one.name:{NAME_WIDTH}} {one.told}")
    counts = ", ".join(f"{count} {verdict}" for verdict, count in report.counts().items() if count)
    print(f"{counts}")
