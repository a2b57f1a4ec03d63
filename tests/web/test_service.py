"""How the server behaves: health, limits, logs, stopping, refusing."""

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from web_running import Running, free_port

from tradewind.bootstrap.window import window_parts
from tradewind.db import Database
from tradewind.settings import SettingIsInvalid, Settings
from tradewind.web import PortIsTaken, serving

REPEATS = 60
P95_MS = 100


def test_the_process_is_healthy_and_ready_when_something_is_published(shop: Running) -> None:
    assert shop.get("/healthz").json() == {"status": "ok"}
    answer = shop.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["published"] == {"de": "run_1", "th": "run_1", "us": "run_1"}


def test_a_server_without_a_published_market_lives_but_is_not_ready(empty_shop: Running) -> None:
    assert empty_shop.get("/healthz").status_code == 200
    answer = empty_shop.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["migrations"]) == ("ok", "ok")


def test_a_request_keeps_the_id_it_came_with(shop: Running) -> None:
    assert shop.get("/healthz", headers={"X-Request-ID": "edge-0123456789"}).headers["x-request-id"] == "edge-0123456789"
    assert shop.get("/healthz", headers={"X-Request-ID": "no spaces\tplease"}).headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_refused(shop: Running, *, chunked: bool) -> None:
    body = (b"x" * 10_000 for _ in range(10)) if chunked else b"x" * 100_000
    assert httpx.post(f"{shop.url}/desk/enter", content=body, headers={"Origin": shop.url}).status_code == 413


def test_a_page_that_is_not_here_says_so_in_the_language_of_its_market_alone(shop: Running) -> None:
    told = shop.get("/de/p/NOPE").text
    assert "Diese Seite gibt es nicht." in told
    assert "is not sold" not in told
    assert "is not sold" in shop.get("/us/p/NOPE").text


def test_a_taken_port_is_refused_with_the_next_step() -> None:
    with serving.listen("127.0.0.1", 0) as listener, pytest.raises(PortIsTaken) as caught:
        serving.listen("127.0.0.1", listener.getsockname()[1])
    assert "taken by another program" in caught.value.message
    assert caught.value.hint.startswith("tradewind serve --port")


def test_a_window_that_cannot_open_says_why_and_announces_nothing(
    workspace: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, announced = workspace.model_copy(update={"payment_providers": "stripe"}), list[str]()
    with pytest.raises(SettingIsInvalid, match="TRADEWIND_STRIPE_API_KEY is needed"):
        serving.serve(settings, "127.0.0.1", 0, announced.append, **window_parts(settings))
    assert not announced
    assert "Traceback" not in capsys.readouterr().err


def test_a_product_page_is_made_within_its_limit(shop: Running) -> None:
    with httpx.Client(base_url=shop.url) as client:
        answers = [client.get("/de/p/HX-4411-BLK") for _ in range(REPEATS)]
    took = [float(re.search(r"dur=([\d.]+)", answer.headers["server-timing"])[1]) for answer in answers]  # type: ignore[index]
    assert statistics.quantiles(took, n=20)[-1] <= P95_MS


@pytest.mark.slow
def test_a_stopping_server_finishes_the_open_request_and_logs_its_id(tmp_path: Path, database_address: str) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "TRADEWIND_HOME": str(tmp_path),
        "TRADEWIND_LOG_FORMAT": "json",
        "TRADEWIND_DRAIN_SECONDS": "20",
        "TRADEWIND_DATABASE_URL": database_address,
    }
    command = [sys.executable, "-m", "tradewind", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert server.stdout.readline() == f"store   http://127.0.0.1:{port}/\n"
        assert "/desk/enter?key=" in server.stdout.readline()
        wait_until_it_answers(port)
        with socket.create_connection(("127.0.0.1", port), timeout=20) as half_sent:
            half_sent.sendall(b"POST /desk/enter HTTP/1.1\r\nHost: x\r\nX-Request-ID: draining-0001\r\nContent-Length: 5\r\n\r\nke")
            time.sleep(0.3)
            server.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            half_sent.sendall(b"y=a")
            assert half_sent.recv(100).startswith(b"HTTP/1.1 403")
        _, logs = server.communicate(timeout=30)
    lines = [json.loads(line) for line in logs.splitlines() if line.startswith("{")]
    assert any(line.get("request_id") == "draining-0001" and line.get("path") == "/desk/enter" for line in lines)
    assert server.returncode in {0, -signal.SIGTERM}


@pytest.mark.slow
def test_a_worker_beside_the_window_ends_with_it(tmp_path: Path, database_address: str) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "TRADEWIND_HOME": str(tmp_path),
        "TRADEWIND_LOG_FORMAT": "json",
        "TRADEWIND_DATABASE_URL": database_address,
    }
    command = [sys.executable, "-m", "tradewind", "serve", "--with-worker", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        wait_until_it_answers(port)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        workers = [child for child in children if b"worker" in Path(f"/proc/{child}/cmdline").read_bytes()]
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    assert len(workers) == 1
    assert not Path(f"/proc/{workers[0]}").exists()


def wait_until_it_answers(port: int) -> None:
    for _ in range(200):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("the server did not start")
