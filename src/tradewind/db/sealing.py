"""Personal data at rest: AES-256-GCM under keys that lie outside the database, with rotation.

A sealed value names its key, so old values stay readable after `rotate_keys`; `Sealer.is_current` finds those to seal again. The context
(table, column and row) is authenticated: a value that was copied to another row does not open there. What must be found by its value,
such as an e-mail address, is stored beside it as a keyed digest. Whoever opens a database tells its keys with it, so `sealer_of` finds them
for any transaction; a connection that was opened without keys seals nothing.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from tradewind.db.errors import DataKeysAreInvalid, SealIsBroken
from tradewind.settings import Settings, secret

KEYS_FILE = "data-keys.json"
KEYS_LIMIT = 50
_FORMAT = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12
_NAME_BYTES = 8
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key and since when it seals new values. Its `name` (8 hexadecimal bytes) stands in every value that it sealed."""

    name: str
    key: bytes
    since: str

    def __repr__(self) -> str:
        return f"DataKey({self.name}, since {self.since})"


class Sealer:
    """Seals with the newest of its keys and opens with any of them."""

    def __init__(self, keys: Sequence[DataKey], index: bytes, *, nonce: Callable[[int], bytes] = os.urandom) -> None:
        if not keys:
            raise DataKeysAreInvalid("there is no key for personal data", hint="tradewind keys rotate")
        self.keys = tuple(keys)
        self._ciphers = {bytes.fromhex(one.name): AESGCM(one.key) for one in keys}
        self._current = bytes.fromhex(keys[0].name)
        self._index = index
        self._nonce = nonce

    def seal(self, text: str, context: str) -> bytes:
        """The sealed text; it opens only with the same context."""
        nonce = self._nonce(_NONCE_BYTES)
        return bytes([_FORMAT]) + self._current + nonce + self._ciphers[self._current].encrypt(nonce, text.encode(), context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """The text again. SealIsBroken when the key is unknown, the value was changed or belongs to another context."""
        name, nonce = _parts(sealed)
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise SealIsBroken(
                f"{context} was sealed with the key {name.hex()}, which is not held here",
                hint="give TRADEWIND_DATA_KEYS_FILE the file with this key",
            )
        try:
            return cipher.decrypt(nonce, sealed[1 + _NAME_BYTES + _NONCE_BYTES :], context.encode()).decode()
        except InvalidTag:
            raise SealIsBroken(
                f"{context} does not open: it was changed, or belongs elsewhere", hint="restore the row from a backup"
            ) from None

    def seal_json(self, value: Any, context: str) -> str:
        """The sealed value as text, for a place inside JSON."""
        return b64encode(self.seal(msgspec.json.encode(value).decode(), context)).decode()

    def open_json(self, sealed: str, context: str) -> Any:
        """The value again. SealIsBroken."""
        return msgspec.json.decode(self.open(b64decode(sealed), context))

    def is_current_json(self, sealed: str) -> bool:
        """Whether the newest key sealed it."""
        return self.is_current(b64decode(sealed))

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it."""
        return _parts(sealed)[0] == self._current

    def digest(self, text: str, purpose: str) -> bytes:
        """32 bytes that are equal for equal text and purpose, and say nothing to whoever lacks the keys. It outlives `rotate_keys`."""
        return hmac.new(self._index, f"{purpose}\x1f{text}".encode(), hashlib.sha256).digest()


Keys = Callable[[], Sealer]
_held: WeakKeyDictionary[Any, Keys] = WeakKeyDictionary()


def hold_keys(connection: Any, keys: Keys | None) -> None:
    """From now on `sealer_of` finds these keys for what is done over the connection."""
    if keys is not None:
        _held[connection] = keys


def sealer_of(tx: Any) -> Sealer | None:
    """The keys of the database that this transaction speaks to; None where it was opened without any."""
    keys = _held.get(getattr(tx, "connection", tx))
    return keys() if keys is not None else None


def is_sealed(value: bytes) -> bool:
    """Whether these bytes were sealed; text and JSON never begin so."""
    return value[:1] == bytes([_FORMAT])


def _parts(sealed: bytes) -> tuple[bytes, bytes]:
    if len(sealed) < 1 + _NAME_BYTES + _NONCE_BYTES or sealed[0] != _FORMAT:
        raise SealIsBroken("a value is not sealed", hint="restore the row from a backup")
    return bytes(sealed[1 : 1 + _NAME_BYTES]), bytes(sealed[1 + _NAME_BYTES : 1 + _NAME_BYTES + _NONCE_BYTES])


def load_sealer(settings: Settings, at: datetime) -> Sealer:
    """The keys of TRADEWIND_DATA_KEYS or its file, else those of the workspace, which are made when first asked for."""
    if settings.data_keys is not None or settings.data_keys_file is not None:
        given: SecretStr = secret(settings.data_keys, settings.data_keys_file, "data_keys")
        return _sealer(given.get_secret_value(), "TRADEWIND_DATA_KEYS")
    with _opened(settings.home / KEYS_FILE, at) as held:
        return _sealer(json.dumps(held), KEYS_FILE)


def rotate_keys(settings: Settings, at: datetime) -> DataKey:
    """A new key for everything sealed from now on, in the workspace's file. DataKeysAreInvalid where the environment holds the keys."""
    if settings.data_keys is not None:
        raise DataKeysAreInvalid(
            "the keys stand in TRADEWIND_DATA_KEYS, where no command can add one",
            hint="keep them in a file, and name it with TRADEWIND_DATA_KEYS_FILE",
        )
    with _opened(settings.data_keys_file or settings.home / KEYS_FILE, at) as held:
        if len(held["keys"]) >= KEYS_LIMIT:
            raise DataKeysAreInvalid(f"the file holds {KEYS_LIMIT} keys already", hint="tradewind keys reseal, then remove the oldest")
        held["keys"].insert(0, _new_key(at))
        return _sealer(json.dumps(held), "the key file").keys[0]


def _sealer(text: str, origin: str) -> Sealer:
    try:
        held = json.loads(text)
        keys = [DataKey(one["name"], bytes.fromhex(one["key"]), one["since"]) for one in held["keys"]]
        index = bytes.fromhex(held["index"])
    except (ValueError, TypeError, KeyError):
        raise DataKeysAreInvalid(f"{origin} is not a file of keys", hint="docs/how-to/protect-personal-data.md shows its shape") from None
    if any(len(one.key) != _KEY_BYTES or len(one.name) != 2 * _NAME_BYTES for one in keys) or len(index) != _KEY_BYTES:
        raise DataKeysAreInvalid(f"a key in {origin} does not have {_KEY_BYTES} bytes", hint="tradewind keys rotate makes right ones")
    return Sealer(keys, index)


def _new_key(at: datetime) -> dict[str, str]:
    return {"name": secrets.token_hex(_NAME_BYTES), "key": secrets.token_hex(_KEY_BYTES), "since": at.isoformat()}


@contextmanager
def _opened(path: Path, at: datetime) -> Iterator[dict[str, Any]]:
    """The file's content under its lock; a change is written to a file beside it that takes its place, so a full disk loses nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    guard = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    with os.fdopen(guard, "r+"):
        fcntl.flock(guard, fcntl.LOCK_EX)
        before = path.read_text("utf-8") if path.exists() else ""
        try:
            held: dict[str, Any] = json.loads(before) if before else {"index": secrets.token_hex(_KEY_BYTES), "keys": [_new_key(at)]}
        except ValueError:
            raise DataKeysAreInvalid(f"{path.name} is not a file of keys", hint="restore it from where you keep its copy") from None
        yield held
        after = json.dumps(held, indent=1)
        if after != before:
            beside = path.with_suffix(".new")
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "w") as file:
                file.write(after)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
