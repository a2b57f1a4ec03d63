"""The doctor finds what is wrong, says what to do, and never fails itself."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from tradewind.checks.doctor import Finding, Status, dependency_problem, examine
from tradewind.db import Database, outbox
from tradewind.kit import fixed_clock
from tradewind.settings import Settings


def found(settings: Settings, subject: str, now: datetime | None = None) -> list[Finding]:
    clock = fixed_clock(now or datetime.now(UTC))
    return [finding for finding in examine(settings, clock=clock) if finding.subject == subject]


def test_a_healthy_installation_has_no_problem(workspace: Settings) -> None:
    findings = examine(workspace)
    assert [finding for finding in findings if finding.status is Status.PROBLEM] == []
    assert {"python", "workspace", "disk", "clock", "database", "migrations", "jobs", "rules", "fonts", "secrets", "adapters"} <= {
        finding.subject for finding in findings
    }


def test_a_database_that_does_not_answer_is_a_problem_with_a_next_step(tmp_path: Path) -> None:
    (finding,) = found(Settings(home=tmp_path, database_url=SecretStr("postgresql://a:geheim@127.0.0.1:9/b")), "database")
    assert finding.status is Status.PROBLEM
    assert finding.next_step
    assert "geheim" not in repr(finding)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mysql://x", "postgresql://user:password@host"),
        ("postgresql://a@127.0.0.1:9/b", "start the server"),
    ],
)
def test_a_wrong_address_is_told_what_is_wrong_with_it(tmp_path: Path, address: str, told: str) -> None:
    (finding,) = found(Settings(home=tmp_path, database_url=SecretStr(address)), "database")
    assert told in finding.next_step
    assert "tradewind doctor" not in finding.next_step


def test_missing_migrations_name_the_command(tmp_path: Path, empty_database_address: str) -> None:
    (finding,) = found(Settings(home=tmp_path, database_url=SecretStr(empty_database_address)), "migrations")
    assert (finding.status, finding.next_step) == (Status.PROBLEM, "tradewind db upgrade")


def test_a_workspace_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (finding,) = found(Settings(home=tmp_path / "file" / "var"), "workspace")
    assert finding.status is Status.PROBLEM


@pytest.mark.parametrize(("year", "status"), [(1970, Status.PROBLEM), (2027, Status.OK), (2140, Status.PROBLEM)])
def test_a_clock_of_another_age_is_a_problem(workspace: Settings, year: int, status: Status) -> None:
    assert found(workspace, "clock", datetime(year, 1, 1, tzinfo=UTC))[0].status is status


def test_rows_that_wait_for_a_worker_are_a_warning(workspace: Settings, database: Database) -> None:
    with database.transaction() as tx:
        outbox.put(tx, "t", {})
        tx.execute("UPDATE db_outbox SET created_at = now() - interval '1 hour'")
    (finding,) = found(workspace, "jobs")
    assert (finding.status, finding.next_step) == (Status.WARNING, "tradewind worker")


@pytest.mark.parametrize(
    ("requirement", "problem"),
    [
        ("duckdb>=2.0,<2.1", ""),
        ("duckdb>=99", "is needed"),
        ("duckdb<1", "is needed"),
        ("psycopg[binary,pool]>=3.3.9,<4", ""),
        ("a-package-that-is-absent>=1", "is not installed"),
        ("a-package-that-is-absent>=1; extra == 'ray'", ""),
    ],
)
def test_dependencies_are_compared_with_what_is_needed(requirement: str, problem: str) -> None:
    assert problem in dependency_problem(requirement)
    assert bool(dependency_problem(requirement)) == bool(problem)
