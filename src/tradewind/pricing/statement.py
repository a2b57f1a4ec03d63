"""Writes the statement of one book: landed.sql with its numbers, and band.sql once for each band that its lanes have."""

from collections.abc import Callable, Sequence
from importlib import resources

from tradewind.kit import PPM
from tradewind.network import BAND_STEP_G
from tradewind.pricing.direct import MAX_DUTY_PPM, MAX_NET_AMOUNT, MIN_REMAINDER_PPM, THRESHOLD_STEP
from tradewind.pricing.index import BookIndex, rank
from tradewind.pricing.model import EVERY, Band
from tradewind.pricing.rules import MAX_COST_AMOUNT, MAX_COST_MINOR, MAX_SIDE_MM

_HERE = resources.files("tradewind.pricing")
LANDED = _HERE.joinpath("landed.sql").read_text("utf-8")
BAND = _HERE.joinpath("band.sql").read_text("utf-8")
_NO_LIMIT = 2**62


class Writer:
    """The statement of one book. `margin_sets`, `tax_sets`, `extra_sets` and `rules_size` number the sets of rule ids."""

    def __init__(self, index: BookIndex, margin_sets: dict[str, int], tax_sets: int, extra_sets: int, rules_size: int) -> None:
        self.index, self.book = index, index.book
        self.sets = self.book.bands or ((),)
        self.depth = max((len(bands) for bands in self.sets), default=0)
        self.margin_sets, self.tax_sets, self.extra_sets, self.rules_size = margin_sets, tax_sets, extra_sets, rules_size

    def text(self) -> str:
        """The whole statement."""
        book, steps = self.book, range(self.depth)
        bulk_untaxed = "0" if book.tax_counts_freight else "freight"
        every = self.index.margin(None)
        groups = {group: at + 1 for at, group in enumerate(self.index.duties.groups)}
        has_specific = any(rate.per_kg_micro or rate.per_item_micro for rate in self.index.duties.rates)
        values: dict[str, object] = {
            "unknown_group": groups.get(book.unknown_origin_group, "NULL"),
            "every_group": groups.get(EVERY, "NULL"),
            "tax_sets": self.tax_sets,
            "extra_sets": self.extra_sets,
            "margin_sets": len(self.margin_sets),
            "max_cost_minor": MAX_COST_MINOR,
            "max_cost_amount": MAX_COST_AMOUNT,
            "max_side_mm": MAX_SIDE_MM,
            "max_net_amount": MAX_NET_AMOUNT,
            "band_step_g": BAND_STEP_G,
            "every_margin_ppm": every.target_ppm,
            "every_margin_set": self.margin_sets[every.rule_id],
            "specific": "per_item_micro + nearest(per_kg_micro * weight_g, 1000)" if has_specific else "0::BIGINT",
            "import_fee_ppm": book.import_fee_ppm,
            "bulk_dutiable": "any_cost" + (" + nearest(inbound_per_kg * chargeable_g, 1000)" if book.duty_counts_freight else ""),
            "bulk_untaxed": bulk_untaxed,
            "ending_step": book.ending_step,
            "ending_last": book.ending_last,
            "bands": "".join(self._step(number) for number in steps),
            "last": f"band_{self.depth - 1}" if self.depth else "with_bulk_price",
            "picked_band": self._chain(str, "NULL::BIGINT"),
            "picked_price": self._pick("price", "bulk_price"),
            "picked_tax": self._pick("tax", f"nearest((bulk_price - {bulk_untaxed}) * code_tax_ppm, {PPM} + code_tax_ppm)"),
            "picked_duty": self._pick("duty", "CASE WHEN bulk_price IS NOT NULL THEN bulk_duty END"),
            "picked_fee": self._pick("fee", "CASE WHEN bulk_price IS NOT NULL THEN bulk_fee END"),
            "picked_wanted": self._chain(lambda n: f"net_{n} - costs_{n} - first_{n}", "bulk_net - bulk_costs", "band"),
            "picked_rate": self._pick("rate", "CASE WHEN bulk_price IS NOT NULL THEN duty_ppm END"),
            "picked_tax_ppm": self._pick("tax_ppm", "CASE WHEN bulk_price IS NOT NULL THEN code_tax_ppm END"),
            "picked_value": self._chain(
                lambda n: self._customs_value(f"goods_{n}"), "CASE WHEN bulk_price IS NOT NULL THEN bulk_cost END", "band"
            ),
            "picked_low": self._low(),
            "picked_rank": self._rank(),
            "band_no": self._band_no(),
            "rules_size": self.rules_size,
            "late_problem": self._late_problem(),
            "currency": f"'{book.currency}'",
        }
        return LANDED.format(**values)

    def _each(self, number: int, value: Callable[[Band], object]) -> str:
        """A literal of the band with this number; where lanes from other countries have other bands, one for each set."""
        found = [str(value(bands[number])) if number < len(bands) else None for bands in self.sets]
        said = {one for one in found if one is not None}
        if len(said) == 1:
            return said.pop()
        cases = " ".join(f"WHEN {at} THEN {one}" for at, one in enumerate(found) if one is not None)
        return f"(CASE band_set {cases} END)"

    def _step(self, n: int) -> str:
        book, rate = self.book, self._each(n, _rate)
        values = {
            "n": n,
            "before": f"band_{n - 1}" if n else "with_bulk_price",
            "is_open": f"CASE WHEN NOT fits_{n - 1} THEN cost_{n - 1} END" if n else "CASE WHEN NOT imported THEN cost END",
            "rate": rate,
            "tax_ppm": self._each(n, _tax_ppm),
            "fee": self._each(n, lambda band: f"{band.fee}::BIGINT"),
            "dutied": rate if self.index.dutied_ppm == PPM else f"nearest({rate} * {self.index.dutied_ppm}, {PPM})",
            "y": (f"freight * {rate} + " if book.duty_counts_freight else "") + self._each(n, _specific),
            "person": "AND NOT ({} AND needs_person)".format(self._each(n, lambda band: str(band.duty == "tariff").lower())),
            "min_remainder_ppm": MIN_REMAINDER_PPM,
            "max_duty_ppm": MAX_DUTY_PPM,
            "max_net_amount": MAX_NET_AMOUNT,
            "gross": self._priced(n),
            **self._edges(n),
            "ending_step": book.ending_step,
            "ending_last": book.ending_last,
            "inside": self._inside(n),
            "fits": self._fits(n),
        }
        return BAND.format(**values)

    def _untaxed(self, n: int) -> str:
        parts = [*([] if self.book.tax_counts_freight else ["freight"]), *([] if self.book.tax_counts_fee else [f"fee_{n}"])]
        return " - ".join(["", *parts])

    def _taxed_rest(self, n: int) -> str:
        parts = [*(["freight"] if self.book.tax_counts_freight else []), *([f"fee_{n}"] if self.book.tax_counts_fee else [])]
        return " + ".join(parts) or "0"

    def _on_price(self, n: int) -> str:
        """SQL for whether the tax of the band is charged on the price itself; "true" or "false" when the book decides."""
        if self.index.taxed_ppm == PPM:
            return "true"
        return self._each(n, lambda band: str(band.at_sale).lower())

    def _either(self, n: int, on_price: str, at_border: str) -> str:
        choice = self._on_price(n)
        return {"true": on_price, "false": at_border}.get(choice, f"(CASE WHEN {choice} THEN {on_price} ELSE {at_border} END)")

    def _gross(self, n: int, net: str, duty: str) -> str:
        on_price = f"{net} + nearest(({net}{self._untaxed(n)}) * tax_ppm_{n}, {PPM})"
        value = f"nearest(({net} - freight - fee_{n} - {duty}) * {self.index.taxed_ppm}, {PPM})"
        at_border = f"{net} + nearest(({value} + {self._taxed_rest(n)} + {duty}) * tax_ppm_{n}, {PPM})"
        return self._either(n, on_price, at_border)

    def _priced(self, n: int) -> str:
        gross = self._gross(n, f"net_{n}", f"first_{n}")
        # greatest() passes over NULL: without the condition a parcel that has no price would get the threshold's.
        return f"CASE WHEN net_{n} IS NOT NULL THEN greatest({gross}, least_{n}) END" if n else gross

    def _edges(self, n: int) -> dict[str, str]:
        """What the lowest price whose parcel is surely above the bands before is made of, by the rules of both sides."""
        if not n:
            return {"edge": "", "edge_duty": "", "edge_net": "", "least": ""}
        last = n - 1
        limit = self._each(last, lambda band: (band.up_to if band.up_to is not None else 0) + THRESHOLD_STEP)
        value = f"greatest({limit} - {self._counted_freight(last)}, 0)"
        if self.book.value_factor_ppm != PPM:
            value = f"up({value} * {PPM}, {self.book.value_factor_ppm})"
        duties = [f"nearest(edge_{n} * dutied_{side} + y_{side}, {PPM}) AS edge_duty_{n}_{side}" for side in (last, n)]
        nets = [f"edge_{n} + freight + fee_{side} + edge_duty_{n}_{side} AS edge_net_{n}_{side}" for side in (last, n)]
        sides = [self._gross(side, f"edge_net_{n}_{side}", f"edge_duty_{n}_{side}") for side in (last, n)]
        if last:
            sides.append(f"least_{last}")
        return {
            "edge": f", CASE WHEN NOT fits_{last} THEN {value} END AS edge_{n}",
            "edge_duty": ", " + ", ".join(duties),
            "edge_net": ", " + ", ".join(nets),
            "least": f", greatest({', '.join(sides)}) AS least_{n}",
        }

    def _counted_freight(self, n: int) -> str:
        return self._each(n, lambda band: "freight" if band.counts_freight else "0")

    def _inside(self, n: int) -> str:
        """Tax and duty again, from the final price, so that the books tie."""
        tax = f"nearest((price_{n}{self._untaxed(n)}) * tax_ppm_{n}, {PPM} + tax_ppm_{n})"
        duty = f"nearest((price_{n} - tax_{n} - freight - fee_{n}) * dutied_{n} + y_{n}, {PPM} + dutied_{n})"
        if self._on_price(n) == "true":
            return f"tax_{n} AS (SELECT *, {tax} AS tax_{n} FROM price_{n}),\nduty_{n} AS (SELECT *, {duty} AS duty_{n} FROM tax_{n}),"
        square, rest = PPM * PPM, self._taxed_rest(n)
        # The products of this one division need more than 64 bits; only personal imports and notional insurance come here.
        value = (
            f"nearest((price_{n} - freight - fee_{n})::HUGEINT * {square} - ({rest})::HUGEINT * tax_ppm_{n} * {PPM}"
            f" - ({PPM} + tax_ppm_{n})::HUGEINT * y_{n},"
            f" {square}::HUGEINT + tax_ppm_{n}::HUGEINT * {self.index.taxed_ppm} + ({PPM} + tax_ppm_{n})::HUGEINT * dutied_{n})::BIGINT"
        )
        border_duty = f"nearest(solved_{n} * dutied_{n} + y_{n}, {PPM})"
        border_tax = f"nearest((nearest(solved_{n} * {self.index.taxed_ppm}, {PPM}) + {rest} + {border_duty}) * tax_ppm_{n}, {PPM})"
        return (
            f"solved_{n} AS (SELECT *, {value} AS solved_{n} FROM price_{n}),\n"
            f"tax_{n} AS (SELECT *, {self._either(n, tax, border_tax)} AS tax_{n} FROM solved_{n}),\n"
            f"duty_{n} AS (SELECT *, {self._either(n, duty, border_duty)} AS duty_{n} FROM tax_{n}),"
        )

    def _fits(self, n: int) -> str:
        limit = self._each(n, lambda band: _NO_LIMIT if band.up_to is None else band.up_to)
        value = self._customs_value(f"(price_{n} - tax_{n} - freight - fee_{n} - duty_{n})")
        return f"{value} + {self._counted_freight(n)} <= {limit}"

    def _customs_value(self, goods: str) -> str:
        return goods if self.book.value_factor_ppm == PPM else f"nearest({goods} * {self.book.value_factor_ppm}, {PPM})"

    def _chain(self, value: Callable[[int], str], otherwise: str, by: str = "fits") -> str:
        """The value of the band that took the parcel; `otherwise` for goods imported in bulk and what has no price."""
        if not self.depth:
            return otherwise
        if by == "fits":
            cases = " ".join(f"WHEN fits_{n} THEN {value(n)}" for n in range(self.depth))
        else:
            cases = " ".join(f"WHEN band = {n} THEN {value(n)}" for n in range(self.depth))
        return f"(CASE {cases} ELSE {otherwise} END)"

    def _pick(self, column: str, bulk: str) -> str:
        return self._chain(lambda n: f"{column}_{n}", bulk, "band")

    def _low(self) -> str:
        """The duty at the bottom of the range: on the same value of the goods, where the tariff decides."""
        bulk = f"CASE WHEN bulk_price IS NOT NULL THEN nearest(bulk_dutiable * low_ppm + specific_micro, {PPM}) END"
        if all(rate.low_ppm >= rate.ppm for rate in self.index.duties.rates):
            return self._pick("duty", "CASE WHEN bulk_price IS NOT NULL THEN bulk_duty END")
        dutied = "low_ppm" if self.index.dutied_ppm == PPM else f"nearest(low_ppm * {self.index.dutied_ppm}, {PPM})"
        freight = "freight * low_ppm + " if self.book.duty_counts_freight else ""

        def value(n: int) -> str:
            is_tariff = self._each(n, lambda band: str(band.duty == "tariff").lower())
            low = f"least(nearest(goods_{n} * {dutied} + {freight}specific_micro, {PPM}), duty_{n})"
            return f"CASE WHEN {is_tariff} AND low_ppm < duty_ppm THEN {low} ELSE duty_{n} END"

        return self._chain(value, bulk, "band")

    def _rank(self) -> str:
        def value(n: int) -> str:
            own = self._each(n, lambda band: rank(band.certainty))
            tariff = self._each(n, lambda band: "duty_rank" if band.duty == "tariff" else "0")
            return f"greatest({own}, {tariff})"

        return self._chain(value, f"greatest(duty_rank, {rank(self.book.import_fee_certainty)})", "band")

    def _band_no(self) -> str:
        """0 for goods imported in bulk, then every band of every set in order."""
        starts, start = [], 1
        for bands in self.sets:
            starts.append(start)
            start += len(bands)
        if len(starts) == 1:
            return "coalesce(band + 1, 0)"
        return f"coalesce(band + CASE band_set {' '.join(f'WHEN {at} THEN {one}' for at, one in enumerate(starts))} END, 0)"

    def _late_problem(self) -> str:
        asked = [f"(cost_{n} IS NOT NULL AND {self._each(n, lambda band: str(band.duty == 'tariff').lower())})" for n in range(self.depth)]
        return f"CASE WHEN needs_person AND ({' OR '.join(['imported', *asked])}) THEN 'duty_needs_person' END"


def _rate(band: Band) -> str:
    return {"tariff": "duty_ppm", "simplified": "simplified_ppm"}.get(band.duty, "0::BIGINT")


def _specific(band: Band) -> str:
    return {"tariff": "specific_micro", "simplified": "0::BIGINT"}.get(band.duty, f"{band.flat * PPM}::BIGINT")


def _tax_ppm(band: Band) -> str:
    if not (band.taxed and band.collected):
        return "(extra_ppm)" if band.extra_taxed and band.collected else "0::BIGINT"
    return "(code_tax_ppm + extra_ppm)" if band.extra_taxed else "code_tax_ppm"


def sets_of(values: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """A number for each different set of rule ids."""
    return {rule_ids: number for number, rule_ids in enumerate(sorted(set(values)))}
