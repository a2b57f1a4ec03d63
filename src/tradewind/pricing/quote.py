"""A basket priced as a whole, where the listed prices bind.

Every unit brings the value of its goods from its listed price. What travelling together saves (one flat duty for two units of a
tariff line, one parcel's freight) returns to the shopper as a discount. What it adds by crossing a threshold the business bears,
or the consignment is split, whichever costs less. The shopper never pays more than the sum of the listed prices and, where prices
are shown without it, the sales tax.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradewind.kit import Currency, Money, Rounding, divide
from tradewind.markets import Area, Market, area_of, postcode_problem
from tradewind.network import BAND_STEP_G
from tradewind.pricing.charges import Charge, charges_of
from tradewind.pricing.consignment import LINES_LIMIT, QUANTITY_LIMIT, Assessment, Basis, Consignment, assess, owed
from tradewind.pricing.errors import AddressIsInvalid, AddressIsNotServed, ConsignmentIsInvalid
from tradewind.pricing.index import BookIndex, index_of, rank
from tradewind.pricing.model import LaneTerms, PriceBook
from tradewind.pricing.owed import ConsignmentLine, LineOwed, shares
from tradewind.pricing.ports import TaxAddress, TaxLine, TaxPort, TaxResult, TaxStatus
from tradewind.pricing.tariff import CERTAINTIES

SPLIT_UNITS_LIMIT = 300
"""A consignment of more units travels together: looking for a better way would take longer than a checkout may."""
_GRAMS_PER_KG = 1000
_MAX_SIDE_MM = 100_000


@dataclass(frozen=True, slots=True)
class BasketLine:
    """Units of one offer at its listed price (minor units of the market's currency), and the lane that serves it."""

    sku: str
    hs_code: str | None
    origin: str | None
    quantity: int
    unit_price: int
    weight_g: int
    lane_id: str
    sides_mm: tuple[int, int, int] | None = None
    product_class: str | None = None  # of the sales tax, such as clothing
    certainty: str = "certain"  # of the listed price


@dataclass(frozen=True, slots=True)
class Address:
    """Where the goods go, as far as it is known. `region` is the state or province, such as CA."""

    postcode: str | None = None
    region: str | None = None
    county: str = ""
    city: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Basket:
    """What a shopper wants in one market."""

    lines: tuple[BasketLine, ...]
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """One line of the basket: listed - discount = paid, in minor units."""

    sku: str
    quantity: int
    unit_price: int
    listed: int
    discount: int
    paid: int
    lane_id: str


@dataclass(frozen=True, slots=True)
class QuotedConsignment:
    """What leaves one location: its parts (more than one when it is split), the charges they owe, and why they are as they are."""

    lane_id: str
    listed: int
    discount: int
    paid: int
    absorbed: int
    parts: tuple[Assessment, ...]
    charges: tuple[Charge, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What the shopper pays, and what it is made of. `total` is listed - discount, and the sales tax where it stands outside."""

    market: str
    as_of: str
    currency: str
    tax_included: bool
    lines: tuple[QuotedLine, ...]
    consignments: tuple[QuotedConsignment, ...]
    listed: int
    discount: int
    absorbed: int
    sales_tax: TaxResult | None
    total: int
    area: Area | None
    certainty: str
    rule_ids: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def duty_range(self) -> tuple[int, int]:
        """The duty of all consignments, at the bottom and at the top of what the tariff codes leave open."""
        parts = [part for one in self.consignments for part in one.parts]
        return sum(part.duty_low for part in parts), sum(part.duty for part in parts)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A basket line with what one unit of it is when it travels alone at its listed price."""

    line: BasketLine
    lane: LaneTerms
    grams: int  # chargeable
    alone: LineOwed
    threshold_value: int


def quote(basket: Basket, book: PriceBook, market: Market, tax: TaxPort | None = None, reference: str = "quote") -> Quote:
    """The quote of a basket. AddressIsInvalid, AddressIsNotServed, ConsignmentIsInvalid and DutyIsUnknown say why there is none.

    `tax` calculates what is added at the checkout, where the market's prices are shown without tax and the address is known.
    """
    if not 0 < len(basket.lines) <= LINES_LIMIT:
        raise ConsignmentIsInvalid(f"a basket has 1 to {LINES_LIMIT} lines, not {len(basket.lines)}", hint="split the basket")
    for line in basket.lines:
        if not 0 < line.quantity <= QUANTITY_LIMIT:
            raise ConsignmentIsInvalid(f"{line.sku}: the quantity is {line.quantity}", hint=f"order 1 to {QUANTITY_LIMIT:,} units")
    area = _served(basket.address, market)
    index = index_of(book)
    by_lane: dict[str, list[_Unit]] = {}
    for line in basket.lines:
        by_lane.setdefault(line.lane_id, []).append(_unit(line, index))
    found = [_consignment(units, index) for units in by_lane.values()]
    lines = tuple(line for _, quoted in found for line in quoted)
    consignments = tuple(one for one, _ in found)
    listed, paid = sum(one.listed for one in consignments), sum(one.paid for one in consignments)
    sales_tax, notes = _sales_tax(basket, lines, book, tax, reference)
    added = sales_tax.total if sales_tax else 0
    parts = [part for one in consignments for part in one.parts]
    certainties = [*(line.certainty for line in basket.lines), *(part.certainty for part in parts)]
    certainties += [sales_tax.certainty] if sales_tax else []
    return Quote(
        market=book.market,
        as_of=book.as_of.isoformat(),
        currency=book.currency,
        tax_included=book.tax_included,
        lines=lines,
        consignments=consignments,
        listed=listed,
        discount=listed - paid,
        absorbed=sum(one.absorbed for one in consignments),
        sales_tax=sales_tax,
        total=paid + added,
        area=area,
        certainty=CERTAINTIES[max(rank(one) for one in certainties)],
        rule_ids=tuple(dict.fromkeys(rule for part in parts for rule in part.rule_ids)),
        notes=(*notes, *book.issues, *book.gaps),
    )


def freight(book: PriceBook, lane_id: str, grams: int) -> int | None:
    """What a lane asks for a parcel of so many chargeable grams, in minor units of the market; None when it takes none of that weight."""
    index = index_of(book)
    lane = index.lanes.get(lane_id)
    if lane is None or grams > lane.max_weight_g or (lane_id, -(-grams // BAND_STEP_G)) not in index.bands:
        return None
    return _freight([grams], lane, index)


def _served(address: Address | None, market: Market) -> Area | None:
    if address is None or not (address.postcode or address.region or address.lines):
        return None
    area = area_of(market, address.postcode, address.region, address.lines)
    if not area.is_served:
        where = address.postcode or address.region or "this address"
        raise AddressIsNotServed(
            f"{market.name} {where}: {area.reason} ({area.source})",
            hint=f"deliver to another address in {market.name}; this one needs rules and a lane of its own",
        )
    problem = postcode_problem(market.country, address.postcode, address.region) if address.postcode else None
    if problem is not None:
        raise AddressIsInvalid(problem, hint="correct the postcode or the state; without them the basket is quoted for the whole market")
    return area


def _unit(line: BasketLine, index: BookIndex) -> _Unit:
    lane = index.lanes.get(line.lane_id)
    if lane is None:
        known = ", ".join(sorted(index.lanes))
        raise ConsignmentIsInvalid(f'{line.sku}: no lane "{line.lane_id}" reaches {index.book.market}', hint=f"lanes: {known}")
    grams = _chargeable(line, lane)
    (alone,), counted = owed(_consigned([(line, 1, line.unit_price)], _freight([grams], lane, index), lane, Basis.PAID), index.book)
    return _Unit(line, lane, grams, alone, counted)


def _chargeable(line: BasketLine, lane: LaneTerms) -> int:
    if line.weight_g <= 0:
        raise ConsignmentIsInvalid(f"{line.sku}: the weight is {line.weight_g} g", hint="give the product its shipping weight")
    if lane.volumetric_divisor <= 0 or line.sides_mm is None or any(not 0 < side <= _MAX_SIDE_MM for side in line.sides_mm):
        return line.weight_g
    length, width, height = line.sides_mm
    return max(line.weight_g, -(-length * width * height // lane.volumetric_divisor))


def _freight(weights: Sequence[int], lane: LaneTerms, index: BookIndex) -> int:
    """What the lane asks for parcels of these chargeable weights, with the share of the inbound freight of imported goods."""
    total = 0
    for grams in weights:
        amount = index.bands.get((lane.lane_id, -(-grams // BAND_STEP_G)))
        if amount is None:
            raise ConsignmentIsInvalid(f"{grams:,} g are too heavy for {lane.lane_id}", hint=f"its limit is {lane.max_weight_g:,} g")
        total += amount
    inbound = divide(lane.inbound_per_kg * sum(weights), _GRAMS_PER_KG, Rounding.HALF_UP) if lane.imported else 0
    return total + inbound


def _packed(units: Sequence[tuple[_Unit, int]], lane: LaneTerms) -> list[int]:
    """The weights of the parcels that hold so many of each unit: one when the lane takes it, else filled in order of weight."""
    total = sum(unit.grams * many for unit, many in units)
    if total <= lane.max_weight_g:
        return [total]
    parcels: list[int] = []
    for unit, many in sorted(units, key=lambda one: -one[0].grams):
        left = many
        for place, grams in enumerate(parcels):
            fitting = min((lane.max_weight_g - grams) // unit.grams, left)
            parcels[place] += fitting * unit.grams
            left -= fitting
        each = max(lane.max_weight_g // unit.grams, 1)
        while left:
            fitting = min(each, left)
            parcels.append(fitting * unit.grams)
            left -= fitting
    return parcels


def _consigned(lines: Sequence[tuple[BasketLine, int, int]], freight: int, lane: LaneTerms, basis: Basis, parcels: int = 1) -> Consignment:
    """A consignment of (line, quantity, value of all of them)."""
    return Consignment(
        tuple(
            ConsignmentLine(line.sku, line.hs_code, line.origin, many, divide(value, many, Rounding.UP), line.weight_g, total=value)
            for line, many, value in lines
        ),
        freight=freight,
        basis=basis,
        imported=lane.imported,
        band_set=lane.band_set,
        parcels=parcels,
    )


def _together(units: Sequence[tuple[_Unit, int]], index: BookIndex) -> Assessment:
    """What so many of each unit owe as one consignment when the value of the goods is that of their listed prices."""
    lane = units[0][0].lane
    parcels = _packed(units, lane)
    lines = [(unit.line, many, unit.alone.goods * many) for unit, many in units]
    return assess(_consigned(lines, _freight(parcels, lane, index), lane, Basis.DECLARED, len(parcels)), index.book)


def _cost(plan: Sequence[Assessment]) -> int:
    """What the shopper would have to pay for the parts, so that the business keeps the value of the goods."""
    return sum(part.goods + part.freight + part.in_price for part in plan)


def _consignment(units: list[_Unit], index: BookIndex) -> tuple[QuotedConsignment, list[QuotedLine]]:
    whole = [(unit, unit.line.quantity) for unit in units]
    listed = sum(unit.line.unit_price * many for unit, many in whole)
    groups, plan, reasons = [whole], [_together(whole, index)], list[str]()
    is_alone = len(units) == 1 and units[0].line.quantity == 1
    if not is_alone and _crosses(units, plan[0]):
        parted = _parted(whole, index)
        split = [_together(group, index) for group in parted]
        is_split = len(parted) > 1 and _cost(split) < _cost(plan)
        reasons.append(_crossing(plan, split, index.book, is_split=is_split))
        groups, plan = (parted, split) if is_split else (groups, plan)
    needed = listed if is_alone else _cost(plan)
    paid = min(listed, needed)
    quoted = _quoted(units, listed - paid)
    parts = tuple(_parts(groups, dict(zip((id(unit.line) for unit in units), quoted, strict=True)), plan, index))
    charges = tuple(charge for part in parts for charge in charges_of(part, index.lanes[units[0].line.lane_id]))
    if paid < listed:
        reasons.append(_saving(whole, plan, index.book))
    result = QuotedConsignment(units[0].line.lane_id, listed, listed - paid, paid, max(needed - listed, 0), parts, charges, tuple(reasons))
    return result, quoted


def _crosses(units: Sequence[_Unit], whole: Assessment) -> bool:
    """Whether goods that fall into lower bands alone fall into a higher one together."""
    return bool(whole.bands) and max(whole.bands) > max(unit.alone.band for unit in units)


def _parted(whole: Sequence[tuple[_Unit, int]], index: BookIndex) -> list[list[tuple[_Unit, int]]]:
    """The units in as few groups as the highest band that they fall into alone allows; first fit, the dearest first."""
    if sum(many for _, many in whole) > SPLIT_UNITS_LIMIT:
        return [list(whole)]
    lane = whole[0][0].lane
    limit = index.book.bands[lane.band_set][max(unit.alone.band for unit, _ in whole)].up_to
    if limit is None:
        return [list(whole)]
    groups: list[dict[int, int]] = []
    rooms: list[int] = []
    values = [unit.threshold_value for unit, _ in whole]
    for at in sorted(range(len(whole)), key=lambda at: -values[at]):
        for _ in range(whole[at][1]):
            place = next((number for number, room in enumerate(rooms) if room >= values[at]), None)
            if place is None:
                groups.append({})
                rooms.append(limit)
                place = len(groups) - 1
            groups[place][at] = groups[place].get(at, 0) + 1
            rooms[place] -= values[at]
    return [[(whole[at][0], many) for at, many in group.items()] for group in groups]


def _quoted(units: Sequence[_Unit], discount: int) -> list[QuotedLine]:
    sums = [unit.line.unit_price * unit.line.quantity for unit in units]
    return [
        QuotedLine(unit.line.sku, unit.line.quantity, unit.line.unit_price, amount, part, amount - part, unit.line.lane_id)
        for unit, amount, part in zip(units, sums, shares(discount, sums), strict=True)
    ]


def _parts(
    groups: Sequence[Sequence[tuple[_Unit, int]]], quoted: Mapping[int, QuotedLine], plan: Sequence[Assessment], index: BookIndex
) -> list[Assessment]:
    """The parts once more, from what is really paid for them, so that the books tie."""
    left = {key: (line.paid, line.quantity) for key, line in quoted.items()}
    found = []
    for group, planned in zip(groups, plan, strict=True):
        lines = []
        for unit, many in group:
            amount, units = left[id(unit.line)]
            part = amount if many == units else divide(amount * many, units, Rounding.HALF_UP)
            left[id(unit.line)] = (amount - part, units - many)
            lines.append((unit.line, many, part))
        consigned = _consigned(lines, planned.freight, group[0][0].lane, Basis.PAID, planned.consignment.parcels)
        found.append(assess(consigned, index.book))
    return found


def _crossing(plan: Sequence[Assessment], split: Sequence[Assessment], book: PriceBook, *, is_split: bool) -> str:
    """Why goods that cross a threshold together travel as they do."""
    value, whole = _money(plan[0].threshold_value, book), _money(_cost(plan), book)
    if is_split:
        return f"together they count {value} and would cost {whole}; in {len(split)} consignments {_money(_cost(split), book)}"
    if len(split) > 1:
        return f"together they count {value} and cost {whole}; {len(split)} consignments would cost {_money(_cost(split), book)}"
    return f"together they count {value}, above the threshold that each is below; no split is possible"


def _saving(whole: Sequence[tuple[_Unit, int]], plan: Sequence[Assessment], book: PriceBook) -> str:
    """What travelling together saves against each unit alone."""
    saved = []
    for name in ("freight", "duty", "fee", "tax", "extra_tax"):
        alone = sum(getattr(unit.alone, name) * many for unit, many in whole)
        less = alone - sum(getattr(part, name) for part in plan)
        if less > 0:
            saved.append(f"{name.replace('_', ' ')} {_money(less, book)}")
    return f"travelling together saves {', '.join(saved) or 'what was rounded'}"


def _sales_tax(
    basket: Basket, lines: Sequence[QuotedLine], book: PriceBook, tax: TaxPort | None, reference: str
) -> tuple[TaxResult | None, tuple[str, ...]]:
    """The tax that the destination adds, where prices are shown without it; and what to say when it is not known."""
    if book.tax_included or tax is None:
        return None, () if book.tax_included else ("sales tax is added at the checkout",)
    address = basket.address
    if address is None or not address.region or not address.postcode:
        return None, ("sales tax is added when the state and the ZIP code are known",)
    classes = {line.sku: line.product_class for line in basket.lines}
    wanted = [TaxLine(str(number), line.paid, line.quantity, classes[line.sku]) for number, line in enumerate(lines)]
    place = TaxAddress("US", address.region, address.postcode, address.county, address.city)
    result = tax.calculate(wanted, place, 0, book.currency, reference)
    if result.status is not TaxStatus.SUCCEEDED:
        return result, (f"sales tax {result.status.value}: {result.message}",)
    sure = "" if result.certainty == "certain" else ", an estimate"
    return result, (f"sales tax {_money(result.total, book)}{sure}: {result.message}",) if result.message else ()


def _money(minor: int, book: PriceBook) -> str:
    return str(Money(minor, Currency(book.currency)))
