"""Feeds of one language at their addresses: validators, a part of a file, and nothing else of the workspace."""

from pathlib import Path

import pytest
from web_running import Running


@pytest.fixture
def feed(shop: Running) -> Path:
    folder = shop.settings.home / "feeds/us/en"
    folder.mkdir(exist_ok=True)
    for name in ("products-001.tsv", "products.xml.gz", "secret.txt"):
        (folder / name).write_bytes(b"id\tprice\nA\t1.00 USD\n")
    return folder


def test_a_feed_of_a_language_is_served_with_validators_and_in_parts(shop: Running, feed: Path) -> None:
    whole = shop.get("/feeds/us/en/products-001.tsv")
    assert (whole.status_code, whole.content) == (200, (feed / "products-001.tsv").read_bytes())
    assert shop.get("/feeds/us/en/products-001.tsv", headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert shop.get("/feeds/us/en/products-001.tsv", headers={"If-Modified-Since": whole.headers["last-modified"]}).status_code == 304
    part = shop.get("/feeds/us/en/products-001.tsv", headers={"Range": "bytes=3-7"})
    assert (part.status_code, part.content) == (206, b"price")
    assert shop.get("/feeds/us/en/products.xml.gz").headers["content-type"] == "application/gzip"


@pytest.mark.parametrize("path", ["us/en/secret.txt", "us/en/products-002.tsv", "us/..%2Fde/products.tsv", "us/EN../products.tsv"])
def test_nothing_else_is_served(shop: Running, feed: Path, path: str) -> None:
    assert feed.is_dir()
    assert shop.get(f"/feeds/{path}").status_code == 404
