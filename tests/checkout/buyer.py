"""A process that buys one unit again and again, and prints how each purchase ended; test_race.py starts several and kills one."""

import sys

from counter import NEW_YORK, open_counter

from tradewind.checkout import Buyer
from tradewind.kit import new_id
from tradewind.settings import load_settings


def main(number: int, purchases: int) -> None:
    """Buys so many times."""
    with open_counter(load_settings(), ()) as counter:
        for _ in range(purchases):
            session = counter.create(
                ("S1", 1), market="us", buyer=Buyer(f"buyer{number}@example.com"), destination=NEW_YORK, key=new_id("key")
            )
            done = counter.complete(session, key=new_id("key")) if session.status == "ready_for_complete" else session
            print(number, done.status.value, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
