"""Several processes sell the same units and are killed while they do: nothing is sold twice, nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from bench.checkout_stage import Article
from counter import open_counter

from tradewind.checkout import settle_waiting
from tradewind.settings import Settings

BUYER = Path(__file__).with_name("buyer.py")
UNITS, BUYERS, PROCESSES = 6, 12, 3
START_SECONDS = 60


def start(settings: Settings, number: int) -> subprocess.Popen[str]:
    assert settings.database_url is not None
    root = str(BUYER.parent.parent.parent)
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    environment = {
        "PYTHONPATH": path,
        "TRADEWIND_HOME": str(settings.home),
        "TRADEWIND_DATABASE_URL": settings.database_url.get_secret_value(),
    }
    command = [sys.executable, str(BUYER), str(number), str(BUYERS)]
    return subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)


def until_first_sale(process: subprocess.Popen[str]) -> str:
    """The first line that a buyer process prints: it is in the middle of its purchases then."""
    assert process.stdout is not None
    end = time.monotonic() + START_SECONDS
    line = ""
    while not line and time.monotonic() < end:
        line = process.stdout.readline()
    return line


@pytest.mark.slow
def test_processes_that_are_killed_while_they_sell_never_oversell(workspace: Settings) -> None:
    with open_counter(workspace, (Article("S1", units=UNITS),), markets=("us",)) as counter:
        processes = [start(workspace, number) for number in range(PROCESSES)]
        heard = until_first_sale(processes[0])
        processes[0].send_signal(signal.SIGKILL)
        told = [heard + process.communicate()[0] if process is processes[0] else process.communicate()[0] for process in processes]
        counter.clock.now += timedelta(hours=1)
        counter.reconcile()
        counter.run(settle_waiting(counter.completing))
        with counter.sync.transaction() as tx:
            sold = tx.execute("SELECT coalesce(sum(total), 0)::bigint AS units FROM orders_line").fetchone()
        assert sold is not None
        assert "completed" in "".join(told)
        assert sold["units"] <= UNITS
        while counter.buy(("S1", 1)).order_id is not None:
            sold["units"] += 1
        assert (sold["units"], counter.available("S1"), counter.proven()) == (UNITS, 0, True)
