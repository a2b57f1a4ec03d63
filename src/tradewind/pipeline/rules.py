"""The gate before publishing, as pure decisions over a comparison with what is published now."""

from dataclasses import dataclass

from tradewind.kit import PPM, Currency, Money, Rounding, StateMachine, Transition, divide

# A category smaller than this says nothing about its median.
MIN_CATEGORY = 3
# "About" tenfold means between 0.7 and 1.4 times ten, so a real price change on top of a unit mistake does not hide it.
ABOUT_LOW_PPM, ABOUT_HIGH_PPM = 700_000, 1_400_000

MARKET_RUN = StateMachine(
    name="market's run",
    transitions=(
        Transition("hold", "computed", "waiting"),
        Transition("pass", "computed", "approved"),
        Transition("approve", "computed", "approved"),
        Transition("approve", "waiting", "approved"),
        Transition("reject", "computed", "rejected"),
        Transition("reject", "waiting", "rejected"),
        Transition("publish", "approved", "published"),
        Transition("supersede", "computed", "superseded"),
        Transition("supersede", "waiting", "superseded"),
        Transition("supersede", "approved", "superseded"),
        Transition("supersede", "published", "superseded"),
        Transition("roll_back", "published", "rolled_back"),
        Transition("restore", "superseded", "published"),
        Transition("restore", "rolled_back", "published"),
    ),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One product that shows a finding; what was and what comes, as people write it: USD 20.00, 450 g."""

    sku: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a market waits: the rule, what was measured against which limit (millionths), and samples."""

    rule: str
    message: str
    measured_ppm: int
    limit_ppm: int
    count: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """The medians of one fact in one category, over the products that both catalogs have."""

    fact: str  # cost or weight
    category: str
    products: int
    before: int
    after: int
    samples: tuple[Sample, ...]
    unit: str = ""  # "g", or the currency whose minor units these are; empty when the products differ in it


@dataclass(frozen=True, slots=True)
class Comparison:
    """A market's new offers beside its published ones. Medians and prices in minor units."""

    market: str
    run_id: str
    compared_with: str
    before_count: int
    after_count: int
    vanished_count: int
    vanished: tuple[Sample, ...]
    median_before: int
    median_after: int
    moved_count: int
    moved_most_ppm: int
    moved: tuple[Sample, ...]
    shifts: tuple[Shift, ...]
    currency: str = ""  # of prices and medians


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Shares in millionths above which a market waits; `category_shift_ppm` is a factor (1,700,000 is 1.7 times)."""

    vanished_ppm: int
    median_price_ppm: int
    single_price_ppm: int
    category_shift_ppm: int


def judge(comparison: Comparison, limits: GateLimits) -> tuple[Finding, ...]:
    """Why this market must wait for a person; empty when it may be published."""
    found = (
        _vanished(comparison, limits.vanished_ppm),
        _median(comparison, limits.median_price_ppm),
        _single(comparison, limits.single_price_ppm),
        *(_shifted(shift, limits.category_shift_ppm) for shift in comparison.shifts),
    )
    return tuple(finding for finding in found if finding)


def about(before: int, after: int) -> str:
    """The unit mistake that a change looks like, in words; empty when it looks like none."""
    low, high = sorted((before, after))
    if low <= 0:
        return ""
    for factor, word in (
        (2, "twofold (jin and kilogram?)"),
        (10, "tenfold"),
        (100, "hundredfold (fen and yuan?)"),
        (1000, "thousandfold (gram and kilogram?)"),
    ):
        if factor * low * ABOUT_LOW_PPM <= high * PPM <= factor * low * ABOUT_HIGH_PPM:
            return word
    return ""


def shown(value: int, unit: str) -> str:
    """A fact as people write it: minor units of a currency as USD 20.00, grams as 450 g or 1.2 kg; without a unit the bare number."""
    if unit == "g":
        kilograms, grams = divmod(value, 1000)
        return f"{kilograms:,}.{grams:03}".rstrip("0").rstrip(".") + " kg" if kilograms else f"{value} g"
    return str(Money(value, Currency(unit))) if unit else f"{value:,}"


def percent(ppm: int) -> str:
    """Millionths as a percentage with one decimal: 53100 is "5.3 %"."""
    tenths = divide(ppm, 1000, Rounding.HALF_UP)
    return f"{tenths // 10}.{tenths % 10} %"


def _share(part: int, whole: int) -> int:
    return divide(part * PPM, whole, Rounding.HALF_UP) if whole else 0


def _vanished(seen: Comparison, limit: int) -> Finding | None:
    if seen.vanished_count * PPM <= limit * seen.before_count:
        return None
    measured = _share(seen.vanished_count, seen.before_count)
    message = (
        f"{seen.vanished_count:,} of {seen.before_count:,} published offers would vanish ({percent(measured)}, limit {percent(limit)})"
    )
    return Finding("vanished", message, measured, limit, seen.vanished_count, seen.vanished)


def _median(seen: Comparison, limit: int) -> Finding | None:
    move = abs(seen.median_after - seen.median_before)
    if not seen.before_count or not seen.after_count or move * PPM <= limit * seen.median_before:
        return None
    measured = _share(move, seen.median_before)
    message = f"the median price moves by {percent(measured)} (limit {percent(limit)})"
    medians = Sample("(median)", shown(seen.median_before, seen.currency), shown(seen.median_after, seen.currency))
    return Finding("median_price", message, measured, limit, seen.after_count, (medians,))


def _single(seen: Comparison, limit: int) -> Finding | None:
    if seen.moved_most_ppm <= limit:
        return None
    message = f"{seen.moved_count:,} prices move by more than {percent(limit)}, the most by {percent(seen.moved_most_ppm)}"
    return Finding("single_price", message, seen.moved_most_ppm, limit, seen.moved_count, seen.moved)


def _shifted(shift: Shift, limit: int) -> Finding | None:
    low, high = sorted((shift.before, shift.after))
    if shift.products < MIN_CATEGORY or low <= 0 or high * PPM < limit * low:
        return None
    looks = about(shift.before, shift.after)
    measured = _share(high, low)
    message = (
        f"the median {shift.fact} of {shift.category} went from {shown(shift.before, shift.unit)} to {shown(shift.after, shift.unit)}"
        f"{f', about {looks}' if looks else ''} over {shift.products:,} products"
    )
    return Finding(f"category_{shift.fact}", message, measured, limit, shift.products, shift.samples)
