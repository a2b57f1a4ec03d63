"""What a channel tells of its own accord: a product's status changed. Each notice becomes a job that reads the product again.

A notice is only a hint: anybody could have sent it, so nothing it says is believed. What counts is what the channel then shows.
"""

import base64
import binascii
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind.db import Database, Transaction, outbox
from tradewind.kit import InputIsInvalid
from tradewind.listings.sync import MerchantPort, Target, reconcile
from tradewind.listings.topology import Topology

REREAD_TASK = "freshness:reread"
PATH = "/api/v1/google/notifications"
_KEY_FILE = "google-notices.key"
_KEY_BYTES = 32
_OWNER_ONLY = 0o600
_PARTS = 3


class NoticeIsInvalid(InputIsInvalid):
    """A call to the address of notices is none that Google sends."""

    code = "notice_invalid"


@dataclass(frozen=True, slots=True)
class Notice:
    """A product whose status changed, in Google's words."""

    account: str
    language: str
    label: str
    offer_id: str


def notice_key(home: Path) -> str:
    """The secret in the address that Google calls, made when it is first asked for; only the owner of the workspace can read it."""
    path = home / _KEY_FILE
    with suppress(FileExistsError):
        home.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(_KEY_BYTES))
    return path.read_text(encoding="ascii")


def is_key(home: Path, given: str) -> bool:
    """Whether a call carries the secret, compared in constant time."""
    return hmac.compare_digest(notice_key(home).encode(), given.encode())


def callback(public_url: str, home: Path) -> str:
    """The address that a subscription names. The secret is in its query, which is never logged."""
    return f"{public_url}{PATH}?key={notice_key(home)}"


def parse_notice(body: bytes) -> Notice:
    """The product that a push message is about; NoticeIsInvalid says what is missing."""
    try:
        told: dict[str, Any] = json.loads(base64.b64decode(json.loads(body)["message"]["data"], validate=True))
        language, label, offer_id = str(told["resourceId"]).split("~", _PARTS - 1)
        account = str(told["account"])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise NoticeIsInvalid(f"the notice cannot be read: {type(error).__name__}", hint="only Google calls this address") from None
    if not (account and language and label and offer_id) or "\0" in f"{account}{language}{label}{offer_id}":
        raise NoticeIsInvalid("the notice names no product", hint="only Google calls this address")
    return Notice(account, language, label, offer_id)


def receive(tx: Transaction, notice: Notice, topology: Topology) -> bool:
    """Asks for the product to be read again; False when no feed of ours holds it. Many notices of one product are one job."""
    for account in topology.accounts:
        for feed in account.feeds:
            if (account.resource, feed.language, feed.label) == (notice.account, notice.language, notice.label):
                args = {"market": feed.market, "language": feed.language, "offer_id": notice.offer_id}
                outbox.put_once(tx, REREAD_TASK, args)
                return True
    return False


async def reread(database: Database, port: MerchantPort, target: Target, offer_id: str, at: datetime) -> int:
    """Reads one product and puts its issues in the place of those in the inbox; how many it has."""
    shown = await port.shown(target, offer_id)
    with database.transaction() as tx:
        return reconcile.note_one(tx, target.feed, offer_id, shown, at)
