"""A fingerprint of a value: equal digests mean that yesterday's rows still stand."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any


def digest_of(value: object) -> str:
    """The sha256 of a frozen value's content, the same in every process and on every day."""
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name != "digest"}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value
