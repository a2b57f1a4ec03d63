"""Payment providers: Stripe, payment on delivery, and an honest fake with a bank of its own."""

from tradewind.adapters.payments.fake import FakePayments
from tradewind.adapters.payments.fake_bank import FakeBank

__all__ = ["FakeBank", "FakePayments"]
