"""Which mails went out, in PostgreSQL."""

from datetime import datetime, timedelta

from tradewind.db import Transaction, locks


def claim(tx: Transaction, reference: str) -> bool:
    """Whether this mail is still to be sent; whoever asks second waits for the first."""
    locks.lock(tx, f"mail {reference}")
    return tx.execute("SELECT 1 FROM notifications_mail WHERE reference = %s", (reference,)).fetchone() is None


def remember(tx: Transaction, reference: str, template: str, outcome: str, at: datetime) -> None:
    """The mail is done with: "sent" or "refused"."""
    tx.execute(
        "INSERT INTO notifications_mail (reference, template, outcome, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (reference, template, outcome, at),
    )


def prune(tx: Transaction, now: datetime, keep: timedelta) -> int:
    """Forgets which mails went out longer ago than `keep`; how many. What is that old is written about no more (NEWS)."""
    return tx.execute("DELETE FROM notifications_mail WHERE at < %s", (now - keep,)).rowcount
