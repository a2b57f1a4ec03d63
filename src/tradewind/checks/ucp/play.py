"""The whole self-check: one platform on this machine, one server, one step after the other; a step that fails does not end the others."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import httpx

from tradewind.adapters.feeds.reading import read_feed
from tradewind.checks.ucp import buying, doors, readiness
from tradewind.checks.ucp.model import CannotBeTried, IsToBeDone, NobodyHereKnows, NotAsItMustBe, Offer, Report, Step, Verdict, Wanted
from tradewind.checks.ucp.player import Player
from tradewind.emulators.ucp_platform import PlatformStandIn, serve_platform
from tradewind.kit import Currency, Money

SECONDS = 20
SUPPLEMENTAL = "supplemental.tsv"
DOORS: tuple[tuple[str, str, Callable[[Player], str]], ...] = (
    ("discovery", "the profile is served", doors.profile_is_served),
    ("discovery", "names have their origin", doors.names_have_their_origin),
    ("discovery", "endpoints are https", doors.endpoints_are_https),
    ("discovery", "older versions are leaves", doors.older_versions_are_leaves),
    ("discovery", "keys are published", doors.keys_are_published),
    ("negotiation", "a call without a profile", doors.nobody_is_refused),
    ("negotiation", "a profile without https", doors.plain_http_is_refused),
    ("negotiation", "a profile that is away", doors.silence_is_told),
    ("signatures", "a changed body", doors.changed_bodies_are_refused),
    ("signatures", "a stranger's key", doors.strangers_keys_are_refused),
)


def self_check(wanted: Wanted, *, platform: PlatformStandIn | None = None) -> Report:
    """Plays a platform against the server. Nothing is raised: what went wrong is in the report.

    The platform answers on this machine, so the server must let profiles lie there (`outgoing_loopback`) or see a public address of it.
    """
    report = Report()
    with (
        serve_platform(platform or PlatformStandIn()) as served,
        httpx.Client(timeout=SECONDS, follow_redirects=False) as client,
    ):
        player = Player(replace(wanted, url=wanted.url.rstrip("/")), served, client, report.took_ms)
        served.business_keys = lambda _url: {one["kid"]: one for one in player.profile.get("signing_keys", [])}
        for area, name, step in DOORS:
            report.steps.append(_tried(area, name, lambda step=step: step(player)))  # type: ignore[misc]
            if not player.profile:  # nothing further is known of the server: one reason says it all
                return report
        _buy(player, report)
    return report


def _buy(player: Player, report: Report) -> None:
    buyer = buying.Buyer(player, [])
    read = _tried("consistency", "the feed is read", lambda: _load(buyer))
    report.steps.append(read)
    if read.verdict is not Verdict.OK:
        return
    for area, name, step in buying.STEPS:
        report.steps.append(_tried(area, name, lambda step=step, area=area: _if_advertised(buyer, area, step)))  # type: ignore[misc]
    last: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("consistency", "feed and checkout agree", lambda: buying.every_price_holds(buyer)),
        ("google", "answers are fast", lambda: readiness.answers_are_fast(buyer)),
        ("google", "products take part", lambda: readiness.products_take_part(buyer)),
        ("google", "policies are linked", lambda: readiness.policies_are_linked(buyer)),
        ("google", "Google can pay", lambda: readiness.google_can_pay(player)),
        ("google", "the shop is public", lambda: readiness.shop_is_public(player)),
        ("google", "the account", lambda: readiness.google_must_say(player)),
    )
    report.steps += [_tried(area, name, step) for area, name, step in last]


def _if_advertised(buyer: buying.Buyer, area: str, step: buying.Step) -> str:
    buying.advertised(buyer, area)
    return step(buyer)


def _load(buyer: buying.Buyer) -> str:
    wanted = buyer.player.wanted
    try:
        buyer.offers = list(islice(offers_of(wanted), wanted.sample))
        buyer.marked = marked_of(wanted)
    except OSError as error:
        raise CannotBeTried(f"{wanted.feed}: {error.strerror}; run the shop first: tradewind run") from None
    if not buyer.offers:
        raise CannotBeTried(f"{wanted.feed} holds no offer")
    return f"{len(buyer.offers)} offers of {wanted.feed.name}"


def marked_of(wanted: Wanted) -> frozenset[str]:
    """The ids that the supplemental feed opens for Google's own checkout; none while it is closed."""
    path = wanted.feed.with_name(SUPPLEMENTAL)
    return frozenset(item["id"] for item in read_feed(path) if item.get("native_commerce") == "true") if path.is_file() else frozenset()


def offers_of(wanted: Wanted) -> Iterator[Offer]:
    """What the feed promises, in its order."""
    for item in read_feed(wanted.feed):
        amount, _, currency = item.get("sale_price", item["price"]).partition(" ")
        price = Money.parse(amount, Currency(currency))
        yield Offer(item["id"], item["title"], price.minor, currency, item.get("availability") == "in_stock")


def _tried(area: str, name: str, step: Callable[[], str]) -> Step:
    try:
        return Step(area, name, Verdict.OK, step())
    except NotAsItMustBe as error:
        return Step(area, name, Verdict.FAILED, str(error))
    except IsToBeDone as error:
        return Step(area, name, Verdict.TO_DO, str(error))
    except CannotBeTried as error:
        return Step(area, name, Verdict.SKIPPED, str(error))
    except NobodyHereKnows as error:
        return Step(area, name, Verdict.UNKNOWN, str(error))
    except (KeyError, IndexError, TypeError) as error:
        return Step(area, name, Verdict.FAILED, f"the answer lacks {error}")
