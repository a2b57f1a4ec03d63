"""The time of one quote at the checkout: a basket of five lines, priced as a whole, with every formula and source in words.

Run: python -m bench.quote [baskets]
"""

import gc
import random
import sys
import time
from collections.abc import Iterator
from datetime import date

from tradewind.adapters.fx import EcbHistory
from tradewind.markets import load_market
from tradewind.network import load_network
from tradewind.pricing import Basket, BasketLine, PriceBook, PriceInput, landed, load_margins, price_book, quote

AS_OF = date(2026, 10, 30)
MARKETS = ("us", "de", "gb", "th")
LINES = 5
BASKETS = 2_000
P50_LIMIT_US, P50_AIM_US = 500, 300
CODES = ("851830", "610910", "640399", "950300", "490199", "732393", "420212")
CATEGORIES = ("headphones", "tops", "shoes", "toys", "office", "kitchen", "bags")


def a_book(market: str) -> PriceBook:
    return price_book(load_market(market), AS_OF, load_network(), EcbHistory(), load_margins(), {})


def baskets(market: str, book: PriceBook, count: int, *, is_large: bool) -> Iterator[Basket]:
    """Baskets of five different goods at their listed prices, from a seed.

    One unit each of goods bought for CNY 15 to 60; or, large, up to three each of goods to CNY 300, which cross thresholds and are split.
    """
    chance = random.Random(f"quote {market}")
    dearest, most = (30_000, 3) if is_large else (6_000, 1)
    for number in range(count):
        lines = []
        for at in chance.sample(range(len(CODES)), LINES):
            cost, weight = chance.randint(1_500, dearest), chance.randint(50, 2_000)
            item = PriceInput(
                f"{market}-{number}-{at}", CATEGORIES[at], cost, "CNY", weight, None, None, None, CODES[at], "CN", "SZX-1", f"SZX-1.{market}",
                imported=False,
            )  # fmt: skip
            price = landed(item, book).price_minor or 0
            lines.append(BasketLine(item.sku, CODES[at], "CN", chance.randint(1, most), price, weight, item.lane_id))
        yield Basket(tuple(lines))


def measure(market: str, count: int = BASKETS, *, is_large: bool = False) -> tuple[float, float]:
    """The median and the 99th percentile of a quote in microseconds of CPU time; every basket is new to the program."""
    book, rules = a_book(market), load_market(market)
    wanted = list(baskets(market, book, count + 1, is_large=is_large))
    quote(wanted.pop(), book, rules)
    gc.collect()
    spent = []
    for basket in wanted:
        start = time.thread_time_ns()
        quote(basket, book, rules)
        spent.append(time.thread_time_ns() - start)
    spent.sort()
    return spent[len(spent) // 2] / 1000, spent[len(spent) * 99 // 100] / 1000


def report(count: int = BASKETS) -> Iterator[str]:
    """One line a market, with the limit beside it, and the same for large baskets that cross thresholds."""
    for market in MARKETS:
        median, high = measure(market, count)
        more, most = measure(market, count, is_large=True)
        yield (
            f"{market}  quote of {LINES} lines: p50 {median:,.0f} µs (wanted < {P50_LIMIT_US}, aim {P50_AIM_US}), p99 {high:,.0f} µs of CPU;"
            f" large, with splits: p50 {more:,.0f}, p99 {most:,.0f} µs"
        )


if __name__ == "__main__":
    for line in report(int(sys.argv[1]) if len(sys.argv) > 1 else BASKETS):
        print(line)
