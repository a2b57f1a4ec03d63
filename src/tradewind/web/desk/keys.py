"""Who may enter the desk: one-time keys in a file that only the owner of the workspace can read, and signed visits.

A key is a link that works once, within a day. Entering with it gives the browser a signed cookie; nothing else is stored.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from tradewind.kit import Clock, InputIsInvalid, system_clock
from tradewind.web.errors import KeyIsSpent

KEY_HOURS = 24
VISIT_HOURS = 12
KEYS_LIMIT = 20
NAME_LIMIT = 60
_SECRET_BYTES = 32
_KEY_BYTES = 24
_OWNER_ONLY = 0o600


class Role(StrEnum):
    """What a visitor may do: a viewer reads, an operator also decides."""

    VIEWER = "viewer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at the desk, until a moment in seconds since 1970."""

    visit_id: str
    name: str
    role: Role
    until: int


class Keys:
    """The file `desk.json` of a workspace: the secret that signs visits, and the keys that were not used yet (only their hashes)."""

    def __init__(self, home: Path, *, clock: Clock = system_clock, token: Callable[[int], str] = secrets.token_urlsafe) -> None:
        self.path = home / "desk.json"
        self._clock = clock
        self._token = token

    def issue(self, role: str) -> str:
        """A new key for the role. The file keeps the newest KEYS_LIMIT keys."""
        if role not in set(Role):
            raise InputIsInvalid(f'"{role}" is not a role of the desk', hint="use viewer or operator")
        key = self._token(_KEY_BYTES)
        until = self._clock() + timedelta(hours=KEY_HOURS)
        with self._opened() as held:
            held["keys"] = [*held["keys"], {"hash": _hash(key), "role": role, "until": until.isoformat()}][-KEYS_LIMIT:]
        return key

    def spend(self, key: str, name: str) -> Visit:
        """The visit that the key opens; the key is gone then. KeyIsSpent when it was used before, is too old or unknown."""
        now, wanted = self._clock(), _hash(key)
        with self._opened() as held:
            found = next((one for one in held["keys"] if hmac.compare_digest(one["hash"], wanted)), None)
            held["keys"] = [one for one in held["keys"] if one is not found and datetime.fromisoformat(one["until"]) > now]
        if found is None or datetime.fromisoformat(found["until"]) <= now:
            raise KeyIsSpent("this key was used before, or is too old", hint="print a new link with: tradewind serve --desk-key operator")
        until = int((now + timedelta(hours=VISIT_HOURS)).timestamp())
        return Visit(self._token(12), name.strip()[:NAME_LIMIT] or "unnamed", Role(found["role"]), until)

    def sealed(self, visit: Visit) -> str:
        """The visit as a signed text for a cookie."""
        body = base64.urlsafe_b64encode(json.dumps(asdict(visit)).encode()).decode()
        return f"{body}.{self._sign('visit', body)}"

    def opened(self, sealed: str) -> Visit | None:
        """The visit of a cookie, or None when it was not signed here or has run out."""
        body, _, signature = sealed.partition(".")
        if not signature.isascii() or not hmac.compare_digest(self._sign("visit", body), signature):
            return None
        data = json.loads(base64.urlsafe_b64decode(body))
        visit = Visit(data["visit_id"], data["name"], Role(data["role"]), data["until"])
        return visit if visit.until > int(self._clock().timestamp()) else None

    def form_token(self, visit: Visit) -> str:
        """The token that a form of this visit carries, so that no other site can send it."""
        return self._sign("form", visit.visit_id)

    def holds_token(self, visit: Visit, token: str) -> bool:
        """Whether a form's token is the one of this visit."""
        return token.isascii() and hmac.compare_digest(self.form_token(visit), token)

    def _sign(self, purpose: str, text: str) -> str:
        with self._opened() as held:
            secret = bytes.fromhex(held["secret"])
        return hmac.new(secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    @contextmanager
    def _opened(self) -> Iterator[dict[str, Any]]:
        """The file's content under its lock, written back when it changed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        with os.fdopen(handle, "r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.fchmod(file.fileno(), _OWNER_ONLY)
            before = file.read()
            held: dict[str, Any] = json.loads(before) if before else {"secret": secrets.token_hex(_SECRET_BYTES), "keys": []}
            yield held
            after = json.dumps(held)
            if after != before:
                file.seek(0)
                file.write(after)
                file.truncate()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
