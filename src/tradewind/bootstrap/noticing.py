"""What follows a notice of Google: the product is read again, and the inbox says what it shows."""

import asyncio
from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import Database
    from tradewind.listings.sync import Target


def reread(settings: Settings, database: "Database", market: str, language: str, offer_id: str) -> int:
    """Reads one product at Google again; how many issues it has. 0 without a feed for it."""
    from tradewind.listings.topology import FILE, load_topology

    if not (settings.rules_folder / FILE).is_file():
        return 0
    found = [
        account.target(feed, "")
        for account in load_topology(settings.rules_folder).accounts
        for feed in account.feeds
        if (feed.market, feed.language) == (market, language)
    ]
    return asyncio.run(_reread(settings, database, found[0], offer_id)) if found else 0


async def _reread(settings: Settings, database: "Database", target: "Target", offer_id: str) -> int:
    from tradewind.bootstrap import open_merchant
    from tradewind.kit import system_clock
    from tradewind.pipeline.notices import reread as read_again

    async with open_merchant(settings) as merchant:
        return await read_again(database, merchant, target, offer_id, system_clock())
