"""Pure rules of offers: public ids, absolute picture addresses. Each has a twin in macros.sql, proven equal by a test."""

import hashlib
import re

_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,50}", re.ASCII)
_DIGEST_LENGTH = 20


def public_id(text: str) -> str:
    """The id that stands for a sku in feeds and addresses: itself when it is plain, else `tw-` and a digest of it."""
    if _PLAIN_ID.fullmatch(text):
        return text
    return f"tw-{hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]}"


def offer_path(market: str, offer_id: str) -> str:
    """The path of an offer's page below the public address."""
    return f"/{market}/p/{offer_id}"
