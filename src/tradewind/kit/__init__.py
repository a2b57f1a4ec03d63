"""Pure values shared by every room: money, currencies, identifiers, ids, clock, state machine, errors. No I/O."""

from tradewind.kit.clock import Clock, fixed_clock, system_clock
from tradewind.kit.currency import Currency, CurrencyUnknown, currency_digits
from tradewind.kit.errors import InputIsInvalid, NotFound, TradewindError, TransitionNotAllowed
from tradewind.kit.identifiers import Gtin, GtinIsInvalid, HsCode, HsCodeIsInvalid, gtin_problem
from tradewind.kit.ids import RandomBits, new_id
from tradewind.kit.mail import is_email
from tradewind.kit.money import PPM, AmountIsInvalid, CurrenciesDiffer, Money, sum_of
from tradewind.kit.outgoing import (
    Outgoing,
    OutgoingAddressIsRefused,
    OutgoingAnswer,
    OutgoingCall,
    OutsideAnswerIsTooLarge,
    OutsideIsAway,
)
from tradewind.kit.rounding import Rounding, divide
from tradewind.kit.state import StateMachine, Transition, always

__all__ = [
    "PPM",
    "AmountIsInvalid",
    "Clock",
    "CurrenciesDiffer",
    "Currency",
    "CurrencyUnknown",
    "Gtin",
    "GtinIsInvalid",
    "HsCode",
    "HsCodeIsInvalid",
    "InputIsInvalid",
    "Money",
    "NotFound",
    "Outgoing",
    "OutgoingAddressIsRefused",
    "OutgoingAnswer",
    "OutgoingCall",
    "OutsideAnswerIsTooLarge",
    "OutsideIsAway",
    "RandomBits",
    "Rounding",
    "StateMachine",
    "TradewindError",
    "Transition",
    "TransitionNotAllowed",
    "always",
    "currency_digits",
    "divide",
    "fixed_clock",
    "gtin_problem",
    "is_email",
    "new_id",
    "sum_of",
    "system_clock",
]
