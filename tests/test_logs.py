"""Logs are one JSON object a line with the ids of what is being done, and no secret reaches them on any way."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from tradewind.logs import configure_logs, redact
from tradewind.settings import Settings

SECRET = "hush-hush-42"
SECRETS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.~", min_size=8, max_size=40)


@pytest.fixture(autouse=True)
def _logging_is_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raises, before = root.handlers[:], root.level, logging.raiseExceptions, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raises
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


def a_log() -> structlog.stdlib.BoundLogger:
    configure_logs(Settings(log_format="json"))
    return structlog.get_logger("test")


def written(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, object], str]:
    text = capsys.readouterr().err
    return json.loads(text.splitlines()[-1]), text


def test_a_line_is_json_with_the_bound_ids(capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req_1", run_id="run_1", order_id="ord_1"):
        a_log().info("published", market="us", offers=12, title="耳机")
    line, text = written(capsys)
    assert {
        "request_id": "req_1",
        "run_id": "run_1",
        "order_id": "ord_1",
        "market": "us",
        "offers": 12,
        "level": "info",
    }.items() <= line.items()
    assert "耳机" in text


@pytest.mark.parametrize(
    "event",
    [
        {"password": SECRET},
        {"headers": {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET, "Set-Cookie": SECRET}},
        {"database_url": f"postgresql://shop:{SECRET}@host/db"},
        {"where": f"postgresql://shop:{SECRET}@host/db"},
        {"where": f"postgresql://shop:with@at-{SECRET}@host/db"},
        {"where": f"host=db password={SECRET} user=shop"},
        {"where": f"host=db password='{SECRET} with space' user=shop"},
        {"url": f"https://api.example/v1?api_key={SECRET}&page=2"},
        {"url": f"https://api.example/v1?access_token={SECRET}"},
        {"deep": [{"list": ({"client_secret": SECRET},)}]},
        {"error": ValueError(f"Basic {SECRET}")},
        {"settings": Settings(database_url=SecretStr(SECRET))},
        {"card_number": SECRET, "card": SECRET, "cvc": SECRET},
    ],
)
def test_no_secret_is_written(capsys: pytest.CaptureFixture[str], event: dict[str, object]) -> None:
    a_log().warning("something happened", **event)
    assert SECRET not in written(capsys)[1]


def fail() -> None:
    raise RuntimeError(f"cannot connect to postgresql://shop:{SECRET}@host/db")


def test_a_traceback_is_written_without_the_secret(capsys: pytest.CaptureFixture[str]) -> None:
    log = a_log()
    try:
        fail()
    except RuntimeError:
        log.exception("failed")
        logging.getLogger("library").exception("failed too")
    text = capsys.readouterr().err
    assert text.count("RuntimeError: cannot connect") == 2
    assert SECRET not in text


def test_lines_of_libraries_are_json_without_secrets_too(capsys: pytest.CaptureFixture[str]) -> None:
    a_log()
    logging.getLogger("library").warning("connecting to %s", f"amqp://u:{SECRET}@h")
    line, text = written(capsys)
    assert line["event"] == "connecting to amqp://u:[hidden]@h"
    assert SECRET not in text


def test_what_is_no_secret_stays_readable() -> None:
    event = {"rate_card_id": "rc_1", "sku": "HX-1", "count": 3, "url": "https://shop.example:8000/us?page=2", "text": "the basic idea"}
    assert redact(event) == event


@given(SECRETS)
def test_a_password_in_an_address_is_hidden_whatever_it_is(secret: str) -> None:
    assert redact(f"postgresql://shop:{secret}@host:5432/db") == "postgresql://shop:[hidden]@host:5432/db"


@pytest.mark.parametrize(
    ("action", "level", "is_written"), [("start_job", "INFO", False), ("start_job", "DEBUG", True), ("job_error_retry", "INFO", True)]
)
def test_the_job_queue_speaks_when_something_is_wrong(
    capsys: pytest.CaptureFixture[str], action: str, level: str, is_written: bool
) -> None:
    configure_logs(Settings(log_format="json", log_level=level))
    logging.getLogger("procrastinate.worker").info("a job", extra={"action": action})
    assert ("a job" in capsys.readouterr().err) is is_written


def test_nothing_is_done_for_a_line_below_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    class Untold:
        def __str__(self) -> str:
            raise AssertionError("nobody wanted this line")

    configure_logs(Settings(log_format="json", log_level="WARNING"))
    structlog.get_logger("test").info("request", value=Untold())
    structlog.get_logger("test").warning("seen")
    assert written(capsys)[1].count("\n") == 1
