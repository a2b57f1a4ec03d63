"""The world's rules as dated data: one TOML per market, loaders and checks. Knows nothing of products."""

from tradewind.markets.batteries import BATTERY_SOURCE, BatteryClass, battery_class
from tradewind.markets.calendar import holidays_of
from tradewind.markets.confidence import Confidence
from tradewind.markets.digest import digest_of
from tradewind.markets.errors import MarketIsInvalid, MarketIsUnknown, SalesTaxIsInvalid, SellerIsInvalid, TariffIsInvalid
from tradewind.markets.files import load_confirmations, load_market, load_markets, write_confirmation
from tradewind.markets.findings import check
from tradewind.markets.flags import flags_for
from tradewind.markets.launch import TariffState, gaps_rule, launch_blockers, permit_states, rate_blockers, tariff_state, tax_collected
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
from tradewind.markets.notices import Goods, Notice, Paper, notices_for, papers_for, topic_of
from tradewind.markets.postal import postal_lines
from tradewind.markets.postcodes import postcode_problem
from tradewind.markets.required import Required, required
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
    keep_sales_tax,
    load_sales_tax,
    parse_sales_tax,
    parts_in_words,
)
from tradewind.markets.seller import REGISTRATION_KINDS, Maker, Registration, Seller, load_seller, parse_seller, registered
from tradewind.markets.tariff.files import LOADED_FOLDER, loaded_table
from tradewind.markets.tariff.loading import KINDS, TariffOrder, TariffReport, load_tariff
from tradewind.markets.tariff.model import LayerMode, LoadedTable, TariffLayer
from tradewind.markets.tariff.preference import preference_of
from tradewind.markets.tariff.store import TableRow, table_rows
from tradewind.markets.withdrawal import WithdrawalFunction, withdrawal_function

__all__ = [
    "BATTERY_SOURCE",
    "FX_RULE",
    "KINDS",
    "LOADED_FOLDER",
    "REGISTRATION_KINDS",
    "US_STATES",
    "Area",
    "AreaKind",
    "BatteryClass",
    "Confidence",
    "Confirmation",
    "Confirmations",
    "Destination",
    "Finding",
    "Goods",
    "LayerMode",
    "Level",
    "LoadedTable",
    "Maker",
    "Market",
    "MarketIsInvalid",
    "MarketIsUnknown",
    "Notice",
    "Paper",
    "Per",
    "Registration",
    "Required",
    "Rule",
    "RuleInForce",
    "RuleKind",
    "SalesTaxIsInvalid",
    "SalesTaxRate",
    "SalesTaxTable",
    "Seller",
    "SellerIsInvalid",
    "TableRow",
    "TariffIsInvalid",
    "TariffLayer",
    "TariffOrder",
    "TariffReport",
    "TariffState",
    "Unserved",
    "WithdrawalFunction",
    "Zone",
    "area_of",
    "battery_class",
    "check",
    "digest_of",
    "flags_for",
    "gaps_rule",
    "holidays_of",
    "keep_sales_tax",
    "launch_blockers",
    "layers_in_force",
    "load_confirmations",
    "load_market",
    "load_markets",
    "load_sales_tax",
    "load_seller",
    "load_tariff",
    "loaded_table",
    "notices_for",
    "papers_for",
    "parse_sales_tax",
    "parse_seller",
    "parts_in_words",
    "permit_states",
    "postal_lines",
    "postcode_problem",
    "preference_of",
    "rate_blockers",
    "registered",
    "required",
    "return_days",
    "rule_in_force",
    "rules_in_force",
    "shown_on",
    "table_rows",
    "tariff_state",
    "tax_collected",
    "tax_of",
    "topic_of",
    "touches",
    "withdrawal_function",
    "write_confirmation",
]
