"""A backup is a whole workspace in one file, and a restore gives it back or changes nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from tradewind.db import Database, audit, open_database
from tradewind.db.backup import back_up, restore
from tradewind.db.errors import BackupFailed, BackupIsDamaged, RestoreWouldOverwrite
from tradewind.kit import fixed_clock
from tradewind.settings import Settings


@pytest.fixture
def filled(workspace: Settings, database: Database) -> Settings:
    with database.transaction() as tx:
        audit.record(tx, "anna", "run.approve", "run_1", {"text": "Grüße"})
    feeds = workspace.home / "runs" / "run_1" / "feeds" / "us"
    feeds.mkdir(parents=True)
    (feeds / "products.tsv").write_text("id\n1\n")
    (workspace.home / "feeds").mkdir()
    (workspace.home / "feeds" / "us").symlink_to(feeds.resolve())
    return workspace


def address(settings: Settings) -> str:
    return settings.database_url.get_secret_value() if settings.database_url else ""


def actors(where: str) -> list[str]:
    with open_database(Settings(database_url=SecretStr(where))) as database, database.transaction() as tx:
        return [entry.actor for entry in audit.entries(tx)]


def test_a_restored_workspace_is_the_one_that_was_backed_up(filled: Settings, empty_database_address: str, tmp_path: Path) -> None:
    made = back_up(address(filled), filled.home, tmp_path, clock=fixed_clock(datetime(2026, 11, 1, 4, 5, 6, tzinfo=UTC)))
    assert made.path.endswith("tradewind-20261101T040506Z.tar")
    summary = restore(empty_database_address, tmp_path / "new", Path(made.path))
    assert (summary.file_count, summary.created_at) == (3, "2026-11-01T04:05:06Z")
    assert actors(empty_database_address) == ["anna"]
    feed = tmp_path / "new" / "feeds" / "us" / "products.tsv"
    assert feed.read_text() == "id\n1\n"
    assert feed.resolve().is_relative_to(tmp_path / "new")


def test_a_restore_does_not_overwrite_unless_it_is_forced(filled: Settings, database: Database, tmp_path: Path) -> None:
    made = back_up(address(filled), filled.home, tmp_path / "b.tar")
    with database.transaction() as tx:
        audit.record(tx, "later", "x", "y")
    (filled.home / "runs" / "run_2").mkdir()
    with pytest.raises(RestoreWouldOverwrite, match="runs"):
        restore(address(filled), filled.home, Path(made.path))
    restore(address(filled), filled.home, Path(made.path), force=True)
    assert actors(address(filled)) == ["anna"]
    assert not (filled.home / "runs" / "run_2").exists()


def test_tables_in_parts_are_restored_over_others(filled: Settings, database: Database, tmp_path: Path) -> None:
    part = "CREATE TABLE {0} (LIKE offers_offer INCLUDING ALL); ALTER TABLE offers_offer ATTACH PARTITION {0} FOR VALUES IN ('{1}')"
    with database.transaction() as tx:
        tx.execute(part.format("offers_offer_us_1", "us"))
    made = back_up(address(filled), filled.home, tmp_path / "b.tar")
    with database.transaction() as tx:
        tx.execute(part.format("offers_offer_de_2", "de"))
    restore(address(filled), filled.home, Path(made.path), force=True)
    with database.transaction() as tx:
        found = tx.execute("SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'offers_offer'::regclass ORDER BY 1")
        assert [row["name"] for row in found] == ["offers_offer_rest", "offers_offer_us_1"]


def test_a_migrated_database_without_rows_counts_as_empty(filled: Settings, tmp_path: Path, empty_database_address: str) -> None:
    from tradewind.db import upgrade

    upgrade(empty_database_address)
    back_up(address(filled), filled.home, tmp_path / "b.tar")
    restore(empty_database_address, tmp_path / "new", tmp_path / "b.tar")
    assert actors(empty_database_address) == ["anna"]


@pytest.mark.parametrize("cut", [0, 700, -12_000])
def test_a_backup_cut_short_is_refused_and_changes_nothing(filled: Settings, empty_database_address: str, tmp_path: Path, cut: int) -> None:
    back_up(address(filled), filled.home, tmp_path / "b.tar")
    (tmp_path / "cut.tar").write_bytes((tmp_path / "b.tar").read_bytes()[:cut])
    with pytest.raises(BackupIsDamaged, match=r"not a complete backup|checksum"):
        restore(empty_database_address, tmp_path / "new", tmp_path / "cut.tar")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_changed_byte_is_found(filled: Settings, empty_database_address: str, tmp_path: Path) -> None:
    back_up(address(filled), filled.home, tmp_path / "b.tar")
    content = (tmp_path / "b.tar").read_bytes()
    (tmp_path / "b.tar").write_bytes(content.replace(b"id\n1\n", b"id\n2\n"))
    with pytest.raises(BackupIsDamaged, match=r"products\.tsv does not have its checksum"):
        restore(empty_database_address, tmp_path / "new", tmp_path / "b.tar")


def test_a_backup_that_fails_leaves_no_file(filled: Settings, tmp_path: Path) -> None:
    (filled.home / "media").mkdir()
    (filled.home / "media" / "stray").symlink_to("/etc")
    with pytest.raises(BackupFailed, match="outside the workspace"):
        back_up(address(filled), filled.home, tmp_path / "b.tar")
    with pytest.raises(BackupFailed, match="cannot write"):
        back_up(address(filled), filled.home, tmp_path / "absent" / "b.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["var"]
