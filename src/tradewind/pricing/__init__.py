"""The landed price of a product in a market: a scalar form for one quote and a SQL form for millions, proven equal."""

from tradewind.pricing.announcing import Announced, announcement
from tradewind.pricing.book import price_book
from tradewind.pricing.charges import Charge, charges_of
from tradewind.pricing.consignment import Assessment, Basis, Collector, Consignment, assess
from tradewind.pricing.duties import DutyTable, duty_table, unpacked
from tradewind.pricing.errors import (
    AddressIsInvalid,
    AddressIsNotServed,
    ConsignmentIsInvalid,
    DutyIsUnknown,
    MarginIsInvalid,
    PriceBookIsIncomplete,
    PricesAreInvalid,
    RateIsInvalid,
)
from tradewind.pricing.explain import explain, percent, price_notes
from tradewind.pricing.history import PublishedPrice, Reduction, announced_reduction, asked_since, badge_problems, running_reduction
from tradewind.pricing.locations import landed_by_location
from tradewind.pricing.making import (
    PRICES_FILE,
    Made,
    PriceFinding,
    PriceKind,
    PriceTable,
    SetPrice,
    at_price,
    is_below_floor,
    load_prices,
    make_price,
    parse_prices,
)
from tradewind.pricing.margins import MarginRow, MarginTable, load_margins, parse_margins
from tradewind.pricing.model import Band, DutyRate, ExplainedLine, FxRate, Landed, LaneTerms, LocationPrice, Margin, PriceBook, PriceInput
from tradewind.pricing.overrides import override
from tradewind.pricing.owed import ConsignmentLine
from tradewind.pricing.past import load_past, write_past
from tradewind.pricing.ports import DatedRate, LineTax, RateHistory, TaxAddress, TaxLine, TaxPort, TaxResult, TaxStatus
from tradewind.pricing.quote import Address, Basket, BasketLine, Quote, QuotedConsignment, QuotedLine, freight, quote
from tradewind.pricing.rates import SteadyRates, UsedRates, rate_to_use
from tradewind.pricing.rules import PROBLEMS, landed
from tradewind.pricing.service import load, price
from tradewind.pricing.store import OFFERS_LIMIT, price_histories, price_history, record_prices
from tradewind.pricing.tariff import duty_of

__all__ = [
    "OFFERS_LIMIT",
    "PRICES_FILE",
    "PROBLEMS",
    "Address",
    "AddressIsInvalid",
    "AddressIsNotServed",
    "Announced",
    "Assessment",
    "Band",
    "Basis",
    "Basket",
    "BasketLine",
    "Charge",
    "Collector",
    "Consignment",
    "ConsignmentIsInvalid",
    "ConsignmentLine",
    "DatedRate",
    "DutyIsUnknown",
    "DutyRate",
    "DutyTable",
    "ExplainedLine",
    "FxRate",
    "Landed",
    "LaneTerms",
    "LineTax",
    "LocationPrice",
    "Made",
    "Margin",
    "MarginIsInvalid",
    "MarginRow",
    "MarginTable",
    "PriceBook",
    "PriceBookIsIncomplete",
    "PriceFinding",
    "PriceInput",
    "PriceKind",
    "PriceTable",
    "PricesAreInvalid",
    "PublishedPrice",
    "Quote",
    "QuotedConsignment",
    "QuotedLine",
    "RateHistory",
    "RateIsInvalid",
    "Reduction",
    "SetPrice",
    "SteadyRates",
    "TaxAddress",
    "TaxLine",
    "TaxPort",
    "TaxResult",
    "TaxStatus",
    "UsedRates",
    "announced_reduction",
    "announcement",
    "asked_since",
    "assess",
    "at_price",
    "badge_problems",
    "charges_of",
    "duty_of",
    "duty_table",
    "explain",
    "freight",
    "is_below_floor",
    "landed",
    "landed_by_location",
    "load",
    "load_margins",
    "load_past",
    "load_prices",
    "make_price",
    "override",
    "parse_margins",
    "parse_prices",
    "percent",
    "price",
    "price_book",
    "price_histories",
    "price_history",
    "price_notes",
    "quote",
    "rate_to_use",
    "record_prices",
    "running_reduction",
    "unpacked",
    "write_past",
]
