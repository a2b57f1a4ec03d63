"""Return terms in the types of the Merchant API, and in words."""

from collections.abc import Iterator
from typing import Final

from google.shopping import merchant_accounts_v1 as accounts

from tradewind.adapters.google_merchant.rendering import price
from tradewind.kit import Money
from tradewind.listings.topology import DEFAULT_LABEL, ReturnTerms

_Policy = accounts.OnlineReturnPolicy
_Shipping = _Policy.ReturnShippingFee
_SOURCES: Final = {
    "print": _Policy.ReturnLabelSource.DOWNLOAD_AND_PRINT,
    "in_the_package": _Policy.ReturnLabelSource.IN_THE_PACKAGE,
    "buyer": _Policy.ReturnLabelSource.CUSTOMER_RESPONSIBILITY,
}
_MICROS: Final = 1_000_000


def return_policy(terms: ReturnTerms) -> accounts.OnlineReturnPolicy:
    """The policy as Google takes it; sending back and restocking are free where the terms name no fee."""
    made = _Policy(
        label=terms.label,
        countries=list(terms.countries),
        policy=_Policy.Policy(type_=_Policy.Policy.Type.NUMBER_OF_DAYS_AFTER_DELIVERY, days=terms.days),
        return_methods=[_Policy.ReturnMethod.BY_MAIL],
        item_conditions=[_Policy.ItemCondition.NEW, *([_Policy.ItemCondition.USED] if terms.used else [])],
        return_policy_uri=terms.page,
    )
    fee = terms.shipping_fee
    if isinstance(fee, Money):
        made.return_shipping_fee = _Shipping(type_=_Shipping.Type.FIXED, fixed_fee=price(fee.minor, fee.currency))
    elif fee is not None:
        made.return_shipping_fee = _Shipping(type_=_Shipping.Type.CUSTOMER_PAYING_ACTUAL_FEE)
    if terms.restocking_fee is not None:
        made.restocking_fee = _Policy.RestockingFee(fixed_fee=price(terms.restocking_fee.minor, terms.restocking_fee.currency))
    elif terms.restocking_ppm:
        # Google counts millionths of a percent.
        made.restocking_fee = _Policy.RestockingFee(micro_percent=terms.restocking_ppm * 100)
    if terms.label_from:
        made.return_label_source = _SOURCES[terms.label_from]
    if terms.refund_days is not None:
        made.process_refund_days = terms.refund_days
    return made


def promised(policy: accounts.OnlineReturnPolicy) -> str:
    """A policy in words: two that say the same have the same words."""
    return ", ".join(_words(policy))


def _words(policy: accounts.OnlineReturnPolicy) -> Iterator[str]:
    yield f"{policy.policy.days} days in {' '.join(sorted(policy.countries))} {policy.return_policy_uri}".strip()
    if policy.label not in {"", DEFAULT_LABEL}:
        yield f"label {policy.label}"
    if policy.return_shipping_fee.type_ == _Shipping.Type.CUSTOMER_PAYING_ACTUAL_FEE:
        yield "the buyer pays the carrier"
    elif policy.return_shipping_fee.fixed_fee.amount_micros:
        yield f"sending back costs {_amount(policy.return_shipping_fee.fixed_fee)}"
    if policy.restocking_fee.fixed_fee.amount_micros:
        yield f"restocking costs {_amount(policy.restocking_fee.fixed_fee)}"
    elif policy.restocking_fee.micro_percent:
        yield f"restocking costs {policy.restocking_fee.micro_percent // _MICROS} percent"
    if _Policy.ItemCondition.USED in policy.item_conditions:
        yield "also used"
    if policy.return_label_source:
        yield f"label {policy.return_label_source.name.lower()}"
    if policy.process_refund_days:
        yield f"refunded within {policy.process_refund_days} days"


def _amount(found: object) -> str:
    micros, code = getattr(found, "amount_micros", 0), getattr(found, "currency_code", "")
    return f"{micros // _MICROS}.{micros % _MICROS // 10_000:02d} {code}"
