"""The world's rules as dated data: one TOML per market, loaders and checks. Knows nothing of products."""

from tradewind.markets.calendar import holidays_of
from tradewind.markets.confidence import Confidence
from tradewind.markets.digest import digest_of
from tradewind.markets.errors import MarketIsInvalid, MarketIsUnknown, SalesTaxIsInvalid, SellerIsInvalid
from tradewind.markets.files import load_confirmations, load_market, load_markets, write_confirmation
from tradewind.markets.findings import check
from tradewind.markets.launch import TariffState, gaps_rule, launch_blockers, permit_states, tax_collected
from tradewind.markets.model import (
    Area,
    AreaKind,
    Confirmation,
    Finding,
    Level,
    Market,
    Per,
    Rule,
    RuleInForce,
    RuleKind,
    Unserved,
    Zone,
)
from tradewind.markets.rules import (
    FX_RULE,
    Confirmations,
    area_of,
    layers_in_force,
    return_days,
    rule_in_force,
    rules_in_force,
    shown_on,
    tax_of,
    touches,
)
from tradewind.markets.sales_tax import (
    US_STATES,
    Destination,
    SalesTaxRate,
    SalesTaxTable,
    load_sales_tax,
    parse_sales_tax,
    parts_in_words,
)
from tradewind.markets.seller import REGISTRATION_KINDS, Maker, Registration, Seller, load_seller, parse_seller, registered
from tradewind.markets.tariff.model import LayerMode, LoadedTable, TariffLayer
from tradewind.markets.tariff.store import TableRow, table_rows

__all__ = [
    "FX_RULE",
    "REGISTRATION_KINDS",
    "US_STATES",
    "Area",
    "AreaKind",
    "Confidence",
    "Confirmation",
    "Confirmations",
    "Destination",
    "Finding",
    "LayerMode",
    "Level",
    "LoadedTable",
    "Maker",
    "Market",
    "MarketIsInvalid",
    "MarketIsUnknown",
    "Per",
    "Registration",
    "Rule",
    "RuleInForce",
    "RuleKind",
    "SalesTaxIsInvalid",
    "SalesTaxRate",
    "SalesTaxTable",
    "Seller",
    "SellerIsInvalid",
    "TableRow",
    "TariffLayer",
    "TariffState",
    "Unserved",
    "Zone",
    "area_of",
    "check",
    "digest_of",
    "gaps_rule",
    "holidays_of",
    "launch_blockers",
    "layers_in_force",
    "load_confirmations",
    "load_market",
    "load_markets",
    "load_sales_tax",
    "load_seller",
    "parse_sales_tax",
    "parse_seller",
    "parts_in_words",
    "permit_states",
    "registered",
    "return_days",
    "rule_in_force",
    "rules_in_force",
    "shown_on",
    "tax_collected",
    "table_rows",
    "tax_of",
    "touches",
    "write_confirmation",
]
