"""The shop's pages: markets, departments, categories, products, policies. They need no JavaScript."""

from fastapi import APIRouter

from tradewind.web.storefront import routes as pages
from tradewind.web.storefront import search

routes = APIRouter()
for router in (search.routes, pages.routes):
    routes.include_router(router)

often = pages.often

__all__ = ["often", "routes"]
