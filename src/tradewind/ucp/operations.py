"""Every operation that is served, and what carries it out: one line each."""

from collections.abc import Mapping

from tradewind.ucp import carts, checkout, placed, shelves
from tradewind.ucp.counter import Handler
from tradewind.ucp.model import Operation

OPERATIONS: Mapping[Operation, Handler] = {
    Operation.CREATE_CHECKOUT: checkout.create,
    Operation.GET_CHECKOUT: checkout.get,
    Operation.UPDATE_CHECKOUT: checkout.update,
    Operation.COMPLETE_CHECKOUT: checkout.complete,
    Operation.CANCEL_CHECKOUT: checkout.cancel,
    Operation.CREATE_CART: carts.create,
    Operation.GET_CART: carts.get,
    Operation.UPDATE_CART: carts.update,
    Operation.CANCEL_CART: carts.cancel,
    Operation.GET_ORDER: placed.get,
    Operation.SEARCH_CATALOG: shelves.search,
    Operation.LOOKUP_CATALOG: shelves.lookup,
    Operation.GET_PRODUCT: shelves.product,
}
