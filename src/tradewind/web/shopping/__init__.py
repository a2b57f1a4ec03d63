"""Cart, checkout and orders as pages: everything up to payment works without JavaScript."""

from tradewind.web.shopping import account, cart, checkout, orders
from tradewind.web.shopping.till import CardFields, OpenTill, TestInstrument, Till
from tradewind.web.shopping.visit import order_address

__all__ = ["CardFields", "OpenTill", "TestInstrument", "Till", "account", "cart", "checkout", "order_address", "orders"]
