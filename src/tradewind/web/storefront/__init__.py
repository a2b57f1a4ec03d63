"""The shop's pages: markets, departments, categories, products, policies. They need no JavaScript."""

from tradewind.web.storefront.routes import routes

__all__ = ["routes"]
