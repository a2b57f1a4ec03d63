"""The dependency audit fails on a finding and says honestly when it could not look."""

import sys
from pathlib import Path

from tradewind.checks.dependencies import Weakness, audit

SAYS = "import sys; print({said!r}); print({more!r}, file=sys.stderr); sys.exit({code})"


def audited(said: str, *, more: str = "", code: int = 0) -> list[Weakness] | str:
    return audit(Path("requirements.lock"), [sys.executable, "-c", SAYS.format(said=said, more=more, code=code)])


def test_a_weakness_is_found_with_the_version_that_mends_it() -> None:
    told = '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}, {"name": "b", "version": "1"}]}'
    assert audited(told, code=1) == [Weakness("a", "1", "CVE-1", ("2",))]


def test_no_weakness_is_an_empty_list() -> None:
    assert audited('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}') == []


def test_a_service_that_is_away_is_told_and_never_taken_for_a_pass() -> None:
    assert audited("", more="Connection refused", code=1) == "Connection refused"
