"""Lighthouse on the shop's pages, with its mobile preset: `python -m bench.lighthouse [--url URL] [--runs 5]`.

Without --url it builds the demo for one market in a folder of its own and serves it. It needs Node's `lighthouse` (on the PATH, or named by
LIGHTHOUSE) and Chromium; where one is absent it says so, counted, and measures nothing. Prints the median of the runs for each page.
"""

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 98
TOO_LOW = 3
RUN_SECONDS = 180
DEMO_SECONDS = 600
START_SECONDS = 60
CHROMIUM_FLAGS = "--headless=new --no-sandbox --disable-gpu"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to measure; a page of one shopper needs a cookie, and is not for search engines."""

    name: str
    url: str
    cookie: str = ""

    @property
    def judged(self) -> tuple[str, ...]:
        return CATEGORIES[:-1] if self.cookie else CATEGORIES


def main() -> None:
    """Measures, prints a line for each page, and ends with code 3 when a median is below the limit."""
    parser = argparse.ArgumentParser(prog="python -m bench.lighthouse", description=__doc__)
    parser.add_argument("--url", default="", help="a shop that is served already; the demo otherwise")
    parser.add_argument("--market", default="us")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    program, browser = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse"), shutil.which("chromium")
    if not program or not browser:
        print(f"notice: {'Chromium' if program else 'lighthouse'} is absent: 4 pages were not measured", file=sys.stderr)
        return
    with _shop(arguments.url, arguments.market) as url:
        low = 0
        for page in pages(url, arguments.market):
            reports = [_report(program, browser, page) for _ in range(arguments.runs)]
            low += _tell(page, reports)
    sys.exit(TOO_LOW if low else 0)


def pages(url: str, market: str) -> list[Page]:
    """Home, a category, a product and the checkout of a cart with that product."""
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=30) as browser:
        home = browser.get(f"/{market}/").text
        category = _first(rf'href="(/{market}/c/[^"?]+)"', home)
        product = _first(rf'href="(/{market}/p/[^"?]+)"', browser.get(category).text)
        form = browser.get(product).text
        browser.post(f"/{market}/cart", data={"add": _first(r'name="add" value="([^"]+)"', form)})
        checkout = browser.post(f"/{market}/checkout", data={"key": f"lighthouse{time.time_ns()}"}).headers["location"]
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return [
        Page("home", f"{url}/{market}/"),
        Page("category", url + category),
        Page("product", url + product),
        Page("checkout", url + checkout, cookie),
    ]


def _tell(page: Page, reports: list[dict[str, dict[str, object]]]) -> bool:
    """Prints the medians and what the last run objected to; whether one is too low."""
    medians = {one: statistics.median(round(100 * _score(report, one)) for report in reports) for one in page.judged}
    print(f"{page.name:9} " + "  ".join(f"{one} {value:g}" for one, value in medians.items()) + f"  (median of {len(reports)})", flush=True)
    for category, median in medians.items():
        refs = reports[-1]["categories"][category]["auditRefs"]  # type: ignore[index]
        for ref in refs if median < LEAST else ():
            audit = reports[-1]["audits"][ref["id"]]
            if audit["score"] is not None and audit["score"] < 1 and ref["weight"]:  # type: ignore[index,operator]
                print(f"          {category}: {audit['title']} ({audit.get('displayValue', '')})", flush=True)  # type: ignore[index,attr-defined]
    return min(medians.values()) < LEAST


def _score(report: dict[str, dict[str, object]], category: str) -> float:
    return float(report["categories"][category]["score"] or 0)  # type: ignore[index]


def _report(program: str, browser: str, page: Page) -> dict[str, dict[str, object]]:
    with tempfile.TemporaryDirectory(prefix="tradewind-lighthouse-") as folder:
        out = Path(folder) / "report.json"
        asked = [program, page.url, "--quiet", "--output=json", f"--output-path={out}", f"--chrome-flags={CHROMIUM_FLAGS}"]
        asked += [f"--only-categories={','.join(page.judged)}"]
        if page.cookie:
            asked.append(f"--extra-headers={json.dumps({'Cookie': page.cookie})}")
        environment = os.environ | {"CHROME_PATH": browser}
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
        if not out.is_file():
            sys.exit(f"lighthouse failed on {page.name}: {done.stderr.strip().splitlines()[-1:] or 'no reason given'}")
        report: dict[str, dict[str, object]] = json.loads(out.read_text(encoding="utf-8"))
        return report


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        sys.exit(f"no page has {pattern}: is the market published, and does this shop take orders?")
    return found[1]


@contextmanager
def _shop(url: str, market: str) -> Iterator[str]:
    """The shop at `url`, or the demo of a market, served until the block ends."""
    if url:
        yield url.rstrip("/")
        return
    home = Path(tempfile.mkdtemp(prefix="tradewind-lighthouse-"))
    home.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    given = os.environ | {"TRADEWIND_HOME": str(home), "TRADEWIND_PORT": str(port), "TRADEWIND_PUBLIC_URL": address}
    tradewind = [sys.executable, "-m", "tradewind"]
    subprocess.run(
        [*tradewind, "demo", "--no-serve", "--markets", market], env=given, check=True, timeout=DEMO_SECONDS, capture_output=True
    )
    server = subprocess.Popen([*tradewind, "serve"], env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(address)
        yield address
    finally:
        server.terminate()
        server.wait(START_SECONDS)
        shutil.rmtree(home, ignore_errors=True)


def _wait(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(address + "/", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    sys.exit(f"the shop at {address} did not begin to answer")


if __name__ == "__main__":
    main()
