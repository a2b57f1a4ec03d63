"""What can go wrong when a price book is resolved.

TradewindError
├── AddressIsInvalid (input)    a postcode that the country, or the state beside it, does not have
├── AddressIsNotServed (conflict)  an address in another tax or customs area, or where nobody delivers
├── ConsignmentIsInvalid (input)  a consignment or basket with an impossible quantity, value or weight
├── DutyIsUnknown (input)       goods whose tariff code is missing, unknown, or needs a person
├── MarginIsInvalid (input)     a margin file with an unknown key, or a target below its floor
├── PricesAreInvalid (input)    a file of set prices with a missing column or a wrong value
├── RateIsInvalid (input)       an exchange rate file that cannot be read, or a rate out of all proportion
└── PriceBookIsIncomplete       a market has no rule for something that every price needs on that day
"""

from tradewind.kit import InputIsInvalid, TradewindError


class MarginIsInvalid(InputIsInvalid):
    """A margin file has an unknown key, a missing value or a wrong one."""

    code = "margin_invalid"


class RateIsInvalid(InputIsInvalid):
    """An exchange rate cannot be read, or is out of all proportion."""

    code = "rate_invalid"


class PriceBookIsIncomplete(TradewindError):
    """The market's rules of that day lack something that every price needs."""

    code = "price_book_incomplete"
    http_status = 409


class AddressIsInvalid(InputIsInvalid):
    """The postcode is none of the country's, or lies in another state than the one beside it."""

    code = "address_invalid"


class AddressIsNotServed(TradewindError):
    """The address is another tax or customs area, or nobody delivers there; the message says why."""

    code = "address_not_served"
    http_status = 409


class ConsignmentIsInvalid(InputIsInvalid):
    """A consignment or basket has an impossible quantity, value, weight or number of lines."""

    code = "consignment_invalid"


class DutyIsUnknown(InputIsInvalid):
    """No duty is known for goods of a consignment, or only a person can tell it."""

    code = "duty_unknown"


class PricesAreInvalid(InputIsInvalid):
    """A file of set prices lacks a column, or one of its rows has a wrong value."""

    code = "prices_invalid"
