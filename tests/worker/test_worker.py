"""Jobs on a real server: from the outbox to their end, through killed workers and a SIGTERM."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import procrastinate
import psycopg
import pytest

from tradewind.bootstrap.retaining import prune
from tradewind.db import Database, outbox
from tradewind.db.retention import OLD_JOBS, remove
from tradewind.kit import system_clock
from tradewind.settings import Settings
from tradewind.worker import build_app, run_worker, sweep_stalled_jobs

notes = procrastinate.Blueprint()

SLEEPER = """
import pathlib, sys, time
import procrastinate
from tradewind.settings import load_settings
from tradewind.worker import run_worker
jobs = procrastinate.Blueprint()
@jobs.task(name="sleep")
def sleep(folder: str, seconds: float) -> None:
    pathlib.Path(folder, "begun").touch()
    time.sleep(seconds)
    pathlib.Path(folder, "ended").touch()
run_worker(load_settings(), blueprints={"test": jobs})
"""


@notes.task(name="note", pass_context=True)
def note(context: procrastinate.JobContext, text: str) -> None:
    database = context.additional_context["database"]
    with database.transaction() as tx:
        tx.execute("INSERT INTO db_audit_entry (actor, action, subject, detail) VALUES ('job', 'note', %s, '{}')", (text,))


@notes.task(name="break")
def broken() -> None:
    raise ValueError("broken on purpose")


def ask(database: Database, task: str, **args: object) -> None:
    with database.transaction() as tx:
        outbox.put(tx, task, args)


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.transaction() as tx:
        return [tuple(row.values()) for row in tx.execute(query).fetchall()]


def test_what_a_transaction_asked_for_is_done_once(workspace: Settings, database: Database) -> None:
    for text in ("one", "two"):
        ask(database, "test:note", text=text)
    run_worker(workspace, blueprints={"test": notes}, once=True)
    run_worker(workspace, blueprints={"test": notes}, once=True)
    assert sorted(rows(database, "SELECT subject FROM db_audit_entry")) == [("one",), ("two",)]
    assert rows(database, "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'test:note'") == []


def test_a_job_that_fails_stays_to_be_looked_at(workspace: Settings, database: Database) -> None:
    ask(database, "test:break")
    run_worker(workspace, blueprints={"test": notes}, once=True)
    assert rows(database, "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'test:break'") == [("failed",)]


def test_housekeeping_forgets_old_keys_and_old_outbox_rows(workspace: Settings, database: Database) -> None:
    ask(database, "test:note", text="old")
    with database.transaction() as tx:
        tx.execute("UPDATE db_outbox SET relayed_at = now() - interval '49 hours'")
        tx.execute("INSERT INTO db_idempotency_key VALUES ('s', 'k', 'h', 200, '{}', now() - interval '49 hours')")
    counted = prune(workspace, database, system_clock, dry_run=True)
    assert (counted["idempotency keys"], counted["relayed outbox rows"]) == (1, 1)
    assert prune(workspace, database, system_clock) == counted
    assert sum(prune(workspace, database, system_clock).values()) == 0


def test_old_failed_jobs_go_in_batches_and_young_ones_stay(workspace: Settings, database: Database) -> None:
    for _ in range(3):
        ask(database, "test:break")
    run_worker(workspace, blueprints={"test": notes}, once=True)
    rules = [(OLD_JOBS, system_clock() + timedelta(days=1))]
    assert sum(remove(database, [(OLD_JOBS, system_clock() - timedelta(days=30))]).values()) == 0
    assert remove(database, rules, batch=2)["finished jobs"] >= 3
    assert rows(database, "SELECT 1 FROM procrastinate_jobs WHERE status = 'failed'") == []


def a_job_of_a_dead_worker(address: str, *, attempts: int) -> None:
    with psycopg.connect(address) as connection:
        connection.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id)"
            " INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, worker_id)"
            " SELECT 'default', 'test:note', 'doing', %s, id FROM dead",
            (attempts,),
        )


async def swept(address: str) -> tuple[int, int]:
    async with build_app(address).open_async() as app:
        return await sweep_stalled_jobs(app.job_manager)


@pytest.mark.parametrize(("attempts", "result", "status"), [(0, (1, 0), "todo"), (4, (0, 1), "failed")])
def test_a_job_of_a_dead_worker_is_tried_again_and_given_up_in_the_end(
    database: Database, database_address: str, attempts: int, result: tuple[int, int], status: str
) -> None:
    a_job_of_a_dead_worker(database_address, attempts=attempts)
    assert asyncio.run(swept(database_address)) == result
    assert rows(database, "SELECT status::text, attempts FROM procrastinate_jobs") == [(status, attempts + 1)]


def until(path: Path, process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def a_worker(settings: Settings, drain_seconds: int) -> subprocess.Popen[bytes]:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    variables = {"TRADEWIND_DATABASE_URL": url, "TRADEWIND_HOME": str(settings.home), "TRADEWIND_DRAIN_SECONDS": str(drain_seconds)}
    return subprocess.Popen([sys.executable, "-c", SLEEPER], env=os.environ | variables, stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_sigterm_lets_an_open_job_end(workspace: Settings, database: Database, tmp_path: Path) -> None:
    ask(database, "test:sleep", folder=str(tmp_path), seconds=0.5)
    with a_worker(workspace, drain_seconds=20) as process:
        until(tmp_path / "begun", process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert (tmp_path / "ended").exists()


@pytest.mark.slow
def test_a_job_that_does_not_end_cannot_hold_the_worker_longer_than_the_drain(
    workspace: Settings, database: Database, tmp_path: Path
) -> None:
    ask(database, "test:sleep", folder=str(tmp_path), seconds=60)
    with a_worker(workspace, drain_seconds=1) as process:
        until(tmp_path / "begun", process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 1
    assert rows(database, "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'test:sleep'") == [("doing",)]
