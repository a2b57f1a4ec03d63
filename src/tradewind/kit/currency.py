"""ISO 4217 currencies and their number of minor digits."""

from dataclasses import dataclass

from tradewind.kit.errors import InputIsInvalid

_TWO_DIGITS = (
    "AED ALL AMD ARS AUD AZN BAM BDT BGN BOB BRL CAD CHF CNY COP CRC CZK DKK DOP DZD EGP EUR GBP GEL GHS GTQ HKD HNL HUF "
    "IDR ILS INR JMD KES KGS KHR KZT LAK LBP LKR MAD MDL MKD MMK MNT MOP MUR MXN MYR NAD NGN NIO NOK NPR NZD PAB PEN PHP "
    "PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TTD TWD TZS UAH USD UYU UZS ZAR ZMW"
)
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"

_DIGITS: dict[str, int] = (
    dict.fromkeys(_TWO_DIGITS.split(), 2) | dict.fromkeys(_NO_DIGITS.split(), 0) | dict.fromkeys(_THREE_DIGITS.split(), 3)
)


class CurrencyUnknown(InputIsInvalid):
    """A currency code that is not in the ISO 4217 list we know."""

    code = "currency_unknown"


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: `Currency("USD")`. `digits` is how many decimals its minor unit has (source: ISO 4217)."""

    code: str

    def __post_init__(self) -> None:
        if self.code not in _DIGITS:
            raise CurrencyUnknown(
                f'"{self.code}" is not a currency code',
                hint="use three capital letters of ISO 4217, such as USD, EUR or CNY",
            )

    @property
    def digits(self) -> int:
        return _DIGITS[self.code]

    @property
    def scale(self) -> int:
        """How many minor units make one major unit: 100 for USD, 1 for JPY."""
        return int(10**self.digits)

    def __str__(self) -> str:
        return self.code


def currency_digits() -> dict[str, int]:
    """Every known code with its minor digits, for the tables of the SQL engine."""
    return dict(_DIGITS)
