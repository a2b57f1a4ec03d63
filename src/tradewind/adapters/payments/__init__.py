"""Payment providers: Stripe, cash on delivery, and an honest fake with a bank of its own."""

from tradewind.adapters.payments.fake import FakePayments
from tradewind.adapters.payments.fake_bank import FakeBank
from tradewind.adapters.payments.on_delivery import CashOnDelivery
from tradewind.adapters.payments.stripe import StripePayments

__all__ = ["CashOnDelivery", "FakeBank", "FakePayments", "StripePayments"]
