"""The bank behind the fake provider. Like a real one it remembers on its own side: a file of its own, whatever becomes of the shop.

Processes share the file; what was answered survives a killed process, so that the shop can ask what became of a lost answer.
"""

import hashlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

BUSY_SECONDS = 5
AUTHORIZATION_DAYS = 7
SHORT_AUTHORIZATION_HOURS = 2
DISPUTE_DAYS = 10
DISPUTE_FEE = 1500  # minor units; what a dispute costs differs from provider to provider
EVENTS_AT_ONCE = 100

# What each token does. A suffix names a card of its own: "tok_visa:anna" has the same fingerprint each time.
TOKENS: dict[str, str] = {
    "tok_visa": "is authorized",
    "tok_decline": "is declined",
    "tok_decline_funds": "is declined: not enough money",
    "tok_challenge": "wants a 3-D Secure challenge",
    "tok_slow": "is authorized, after some seconds",
    "tok_unknown": "is authorized, but the answer is lost",
    "tok_lost": "the call is lost on its way; the bank never hears of it",
    "tok_double_webhook": "is authorized; every webhook comes twice",
    "tok_unordered_webhook": "is authorized; the newest webhook comes first",
    "tok_capture_fails": "is authorized; a capture fails",
    "tok_refund_fails": "is authorized; a refund fails",
    "tok_dispute": "is authorized; the capture is disputed at once",
    "tok_expires": "is authorized for two hours only",
    "tok_risky": "is authorized; the card is foreign and its security code is wrong",
}
_DECLINES = {
    "tok_decline": ("card_declined", "the card was declined"),
    "tok_decline_funds": ("insufficient_funds", "there is not enough money"),
}
_TALKATIVE = frozenset({"tok_double_webhook", "tok_unordered_webhook", "tok_dispute"})

_TABLES = """
CREATE TABLE IF NOT EXISTS charge (
    reference TEXT PRIMARY KEY, key TEXT UNIQUE, asked TEXT, payment_id TEXT, amount INTEGER, currency TEXT, method TEXT, token TEXT,
    return_url TEXT, state TEXT, code TEXT, message TEXT, captured INTEGER DEFAULT 0, refunded INTEGER DEFAULT 0, authorized_until TEXT);
CREATE TABLE IF NOT EXISTS step (key TEXT PRIMARY KEY, asked TEXT, reference TEXT, status TEXT, code TEXT, message TEXT);
CREATE TABLE IF NOT EXISTS dispute (reference TEXT PRIMARY KEY, charge TEXT, amount INTEGER, currency TEXT, status TEXT, due_at TEXT);
CREATE TABLE IF NOT EXISTS event (number INTEGER PRIMARY KEY, event_id TEXT, charge TEXT, dispute TEXT, token TEXT, happened_at TEXT,
    sent INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value TEXT);
"""


@dataclass(frozen=True, slots=True)
class Charge:
    """What the bank holds of a payment."""

    reference: str
    key: str
    asked: str
    payment_id: str
    amount: int
    currency: str
    method: str
    token: str
    return_url: str
    state: str  # waiting, authorized, captured, voided, declined
    code: str
    message: str
    captured: int
    refunded: int
    authorized_until: str

    @property
    def behavior(self) -> str:
        """The token without the name of its card."""
        return self.token.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Step:
    """The end of a capture, void or refund; `reference` is the charge's."""

    key: str
    asked: str
    reference: str
    status: str
    code: str = ""
    message: str = ""


class FakeBank:
    """Charges in one SQLite file. Only its speed is unlike a bank's: it writes without waiting for the disk."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._file.row_factory = sqlite3.Row
        # A killed process loses nothing; only a machine that loses its power does, and a fake may.
        for pragma in ("journal_mode=WAL", "synchronous=OFF"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.executescript(_TABLES)
        with self._writing() as file:
            file.execute("INSERT OR IGNORE INTO secret VALUES ('webhook', ?)", (secrets.token_hex(32),))
        self.webhook_secret = str(self._file.execute("SELECT value FROM secret WHERE name = 'webhook'").fetchone()[0])

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def authorize(self, asked: Mapping[str, Any], *, waits: bool, at: datetime) -> Charge:
        """The charge of this key, made when it is new. `waits`: the shopper must act first. The same key with other values is declined."""
        key, fingerprint = str(asked["key"]), _fingerprint(asked)
        with self._writing() as file:
            found = self._charge(file, "key", key)
            if found is not None:
                return found if found.asked == fingerprint else _mismatched(found)
            behavior = str(asked["token"]).partition(":")[0]
            code, message = _DECLINES.get(behavior, ("", "") if behavior in TOKENS else ("invalid_token", "there is no such token"))
            state = "declined" if code else "waiting" if waits else "authorized"
            until = at + (timedelta(hours=SHORT_AUTHORIZATION_HOURS) if behavior == "tok_expires" else timedelta(days=AUTHORIZATION_DAYS))
            reference = f"fake_{hashlib.sha256(key.encode()).hexdigest()[:20]}"
            values = (reference, key, fingerprint, asked["payment_id"], asked["amount"], asked["currency"], asked["method"], asked["token"])
            file.execute(
                "INSERT INTO charge (reference, key, asked, payment_id, amount, currency, method, token, return_url, state, code, message,"
                " authorized_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, asked["return_url"], state, code, message, until.isoformat()),
            )
            made = self._known(file, reference)
            self._tell(file, made, at)
            return made

    def answer_challenge(self, reference: str, *, approved: bool, at: datetime) -> Charge | None:
        """What the shopper did at the bank's page; None for an unknown charge. An answered one stays as it is."""
        with self._writing() as file:
            charge = self._charge(file, "reference", reference)
            if charge is None or charge.state != "waiting":
                return charge
            if not approved:
                said = ("authentication_failed", "the shopper did not approve")
                file.execute("UPDATE charge SET state = 'declined', code = ?, message = ? WHERE reference = ?", (*said, reference))
            elif paid_at_once(charge.method):
                file.execute("UPDATE charge SET state = 'captured', captured = amount WHERE reference = ?", (reference,))
            else:
                file.execute("UPDATE charge SET state = 'authorized' WHERE reference = ?", (reference,))
            answered = self._known(file, reference)
            self._tell(file, answered, at, always=True)
            return answered

    def capture(self, reference: str, amount: int, currency: str, key: str, *, many: bool, at: datetime) -> Step:
        """Takes money; with `many` unset only once for a charge."""

        def decide(file: sqlite3.Connection, charge: Charge) -> tuple[str, str]:
            if charge.behavior == "tok_capture_fails":
                return "capture_failed", "the bank could not take the money"
            once = charge.state == "captured" and not many
            if charge.state not in {"authorized", "captured"} or once or charge.authorized_until < at.isoformat():
                return "charge_not_capturable", f"the charge is {charge.state}, until {charge.authorized_until}"
            if currency != charge.currency or not 0 < amount <= charge.amount - charge.captured:
                return "amount_too_large", f"{charge.amount - charge.captured} {charge.currency} are left"
            file.execute("UPDATE charge SET state = 'captured', captured = captured + ? WHERE reference = ?", (amount, reference))
            if charge.behavior == "tok_dispute":
                due = (at + timedelta(days=DISPUTE_DAYS)).isoformat()
                row = (f"dp_{reference}", reference, amount, currency, "needs_response", due)
                file.execute("INSERT OR IGNORE INTO dispute VALUES (?, ?, ?, ?, ?, ?)", row)
                self._tell(file, charge, at, dispute=f"dp_{reference}")
            return "", ""

        return self._step(reference, key, ("capture", amount, currency), decide, at)

    def void(self, reference: str, key: str, *, at: datetime) -> Step:
        """Gives an authorization up."""

        def decide(file: sqlite3.Connection, charge: Charge) -> tuple[str, str]:
            if charge.state not in {"authorized", "waiting", "voided"}:
                return "charge_not_voidable", f"the charge is {charge.state}"
            file.execute("UPDATE charge SET state = 'voided' WHERE reference = ?", (reference,))
            return "", ""

        return self._step(reference, key, ("void",), decide, at)

    def refund(self, reference: str, amount: int, currency: str, key: str, *, at: datetime) -> Step:
        """Gives captured money back."""

        def decide(file: sqlite3.Connection, charge: Charge) -> tuple[str, str]:
            if charge.behavior == "tok_refund_fails":
                return "refund_failed", "the shopper's bank did not take the money"
            if currency != charge.currency or not 0 < amount <= charge.captured - charge.refunded:
                return "amount_too_large", f"{charge.captured - charge.refunded} {charge.currency} are left"
            file.execute("UPDATE charge SET refunded = refunded + ? WHERE reference = ?", (amount, reference))
            return "", ""

        return self._step(reference, key, ("refund", amount, currency), decide, at)

    def charge(self, reference: str) -> Charge | None:
        """The charge with this reference."""
        with self._lock:
            return self._charge(self._file, "reference", reference)

    def charge_of(self, key: str) -> Charge | None:
        """The charge that was asked for with this key."""
        with self._lock:
            return self._charge(self._file, "key", key)

    def step(self, key: str) -> Step | None:
        """The capture, void or refund that was asked for with this key."""
        with self._lock:
            row = self._file.execute("SELECT * FROM step WHERE key = ?", (key,)).fetchone()
        return Step(**dict(row)) if row else None

    def charges(self) -> list[Charge]:
        """Every charge, for proofs that no money was taken without an order."""
        with self._lock:
            return [Charge(**dict(row)) for row in self._file.execute("SELECT * FROM charge ORDER BY rowid")]

    def dispute(self, reference: str) -> dict[str, Any] | None:
        """The dispute with this reference."""
        with self._lock:
            row = self._file.execute("SELECT * FROM dispute WHERE reference = ?", (reference,)).fetchone()
        return dict(row) if row else None

    def judge(self, reference: str, evidence: str, *, at: datetime) -> bool:
        """Takes the evidence of a dispute: "winning_evidence" wins, "losing_evidence" loses, all else is looked at. False: unknown."""
        status = "won" if "winning_evidence" in evidence else "lost" if "losing_evidence" in evidence else "under_review"
        with self._writing() as file:
            row = file.execute("SELECT charge FROM dispute WHERE reference = ?", (reference,)).fetchone()
            if row is None:
                return False
            file.execute("UPDATE dispute SET status = ? WHERE reference = ?", (status, reference))
            self._tell(file, self._known(file, row["charge"]), at, dispute=reference)
            return True

    def unsent(self) -> list[dict[str, Any]]:
        """Webhooks that wait, in the order in which they are to be sent."""
        with self._lock:
            rows = [
                dict(row) for row in self._file.execute("SELECT * FROM event WHERE sent = 0 ORDER BY number LIMIT ?", (EVENTS_AT_ONCE,))
            ]
        return sorted(rows, key=lambda row: -row["number"] if row["token"] == "tok_unordered_webhook" else row["number"])  # noqa: S105

    def sent(self, number: int) -> None:
        """Takes note that a webhook arrived."""
        with self._writing() as file:
            file.execute("UPDATE event SET sent = 1 WHERE number = ?", (number,))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield self._file
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")

    def _step(self, reference: str, key: str, asked: tuple[Any, ...], decide: Any, at: datetime) -> Step:
        fingerprint = _fingerprint({"reference": reference, "asked": list(asked)})
        with self._writing() as file:
            row = file.execute("SELECT * FROM step WHERE key = ?", (key,)).fetchone()
            if row is not None:
                known = Step(**dict(row))
                return known if known.asked == fingerprint else Step(key, fingerprint, reference, "failed", *_MISMATCH)
            charge = self._charge(file, "reference", reference)
            code, message = decide(file, charge) if charge is not None else ("charge_unknown", f"there is no charge {reference}")
            made = Step(key, fingerprint, reference, "failed" if code else "succeeded", code, message)
            values = (made.key, made.asked, made.reference, made.status, made.code, made.message)
            file.execute("INSERT INTO step VALUES (?, ?, ?, ?, ?, ?)", values)
            if charge is not None and not code:
                self._tell(file, charge, at)
            return made

    def _tell(self, file: sqlite3.Connection, charge: Charge, at: datetime, *, dispute: str = "", always: bool = False) -> None:
        if not (always or dispute or charge.behavior in _TALKATIVE):
            return
        count = file.execute("SELECT count(*) FROM event").fetchone()[0]
        row = (f"evt_fake_{count + 1}_{charge.reference[5:13]}", charge.reference, dispute, charge.behavior, at.isoformat())
        for _ in range(2 if charge.behavior == "tok_double_webhook" else 1):
            file.execute("INSERT INTO event (event_id, charge, dispute, token, happened_at) VALUES (?, ?, ?, ?, ?)", row)

    def _known(self, file: sqlite3.Connection, reference: str) -> Charge:
        row = file.execute("SELECT * FROM charge WHERE reference = ?", (reference,)).fetchone()
        return Charge(**dict(row))

    def _charge(self, file: sqlite3.Connection, column: str, value: str) -> Charge | None:
        row = file.execute(f"SELECT * FROM charge WHERE {column} = ?", (value,)).fetchone()
        return Charge(**dict(row)) if row else None


def paid_at_once(method: str) -> bool:
    """Whether the money of the method moves when the shopper acts, without an authorization before."""
    return method in {"promptpay", "bank_qr"}


_MISMATCH = ("idempotency_error", "the key was used before for something else")


def _mismatched(charge: Charge) -> Charge:
    code, message = _MISMATCH
    values = {name: getattr(charge, name) for name in Charge.__dataclass_fields__}
    return Charge(**(values | {"state": "declined", "code": code, "message": message}))


def _fingerprint(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
