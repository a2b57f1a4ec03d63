"""Third-party adapters are found by entry points, without being imported before they are asked for."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradewind.adapters.registry import AdapterDoesNotLoad, load_adapter, third_party_adapters
from tradewind.kit import NotFound
from tradewind.settings import Settings


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    information = tmp_path / "acme_erp-1.2.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-erp\nVersion: 1.2\n")
    (information / "entry_points.txt").write_text("[tradewind.adapters]\nsources.erp = acme_erp:make\ncarriers.bad = acme_absent:make\n")
    (tmp_path / "acme_erp.py").write_text("def make(settings): return ('erp', settings.port)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("acme_erp", None)


def test_installed_adapters_are_listed_without_being_imported(installed: None) -> None:
    assert [(adapter.port, adapter.name, adapter.package, adapter.version) for adapter in third_party_adapters()] == [
        ("carriers", "bad", "acme-erp", "1.2"),
        ("sources", "erp", "acme-erp", "1.2"),
    ]
    assert "acme_erp" not in sys.modules


def test_an_adapter_is_a_factory_that_takes_the_settings(installed: None) -> None:
    assert load_adapter("sources", "erp")(Settings(port=81)) == ("erp", 81)


def test_an_adapter_that_cannot_be_imported_is_named(installed: None) -> None:
    with pytest.raises(AdapterDoesNotLoad, match=r"carriers\.bad .* No module named 'acme_absent'"):
        load_adapter("carriers", "bad")


def test_an_adapter_that_is_not_installed_names_those_that_are(installed: None) -> None:
    with pytest.raises(NotFound, match=r"installed: carriers\.bad, sources\.erp"):
        load_adapter("payments", "absent")
