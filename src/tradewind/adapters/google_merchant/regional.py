"""Regions and regional inventories at Google held against regions.toml."""

import base64
from collections.abc import Mapping, Sequence

import grpc
from google.api_core import exceptions
from google.protobuf.field_mask_pb2 import FieldMask
from google.shopping import merchant_accounts_v1 as accounts
from google.shopping import merchant_inventories_v1 as inventories
from google.shopping.merchant_accounts_v1.services.regions_service.transports import RegionsServiceGrpcAsyncIOTransport
from google.shopping.merchant_inventories_v1.services.regional_inventory_service.transports import (
    RegionalInventoryServiceGrpcAsyncIOTransport,
)

from tradewind.adapters.google_merchant.rendering import price
from tradewind.adapters.google_merchant.steps import ABSENT, CALL_SECONDS, Found
from tradewind.kit import Currency
from tradewind.listings.regions import Region, RegionalOffer, RegionBook
from tradewind.listings.topology import Account, Step

_AVAILABILITY = inventories.RegionalInventoryAttributes.Availability


class GoogleRegions:
    """One open channel to the regions and regional inventories of an account."""

    def __init__(self, channel: grpc.aio.Channel, currencies: Mapping[str, str]) -> None:
        self._regions = accounts.RegionsServiceAsyncClient(transport=RegionsServiceGrpcAsyncIOTransport(channel=channel))
        self._inventories = inventories.RegionalInventoryServiceAsyncClient(
            transport=RegionalInventoryServiceGrpcAsyncIOTransport(channel=channel)
        )
        self._currencies = currencies

    async def differences(self, account: Account, book: RegionBook) -> list[Found]:
        """Every step from what Google has to what the book says, for its regions and for the offers that it names."""
        pager = await self._regions.list_regions(parent=account.resource, timeout=CALL_SECONDS)
        there = {one.name.rsplit("/", 1)[-1]: one async for one in pager}
        used = {
            one.region_id
            for one in book.offers
            if any((one.market, one.language) == (feed.market, feed.language) for feed in account.feeds)
        }
        steps = [self._region(account, one, there.get(one.region_id)) for one in book.regions if one.region_id in used]
        found = [one for one in steps if one is not None]
        for feed in account.feeds:
            wanted: dict[str, list[RegionalOffer]] = {}
            for offer in book.offers:
                if (offer.market, offer.language) == (feed.market, feed.language):
                    wanted.setdefault(offer.offer_id, []).append(offer)
            for offer_id, offers in wanted.items():
                product = _product(account, f"{feed.language}~{feed.label}~{offer_id}")
                found += await self._offers(account, product, offers, frozenset(one.region_id for one in book.regions))
        return found

    def _region(self, account: Account, wanted: Region, there: accounts.Region | None) -> Found | None:
        area = accounts.Region.PostalCodeArea(
            region_code=wanted.country,
            postal_codes=[accounts.Region.PostalCodeArea.PostalCodeRange(begin=code) for code in wanted.postcodes],
        )
        if there is not None and (there.display_name, there.postal_code_area) == (wanted.name, area):
            return None
        made = accounts.Region(name=f"{account.resource}/regions/{wanted.region_id}", display_name=wanted.name, postal_code_area=area)

        async def change() -> None:
            if there is None:
                request = accounts.CreateRegionRequest(parent=account.resource, region_id=wanted.region_id, region=made)
                await self._regions.create_region(request=request, timeout=CALL_SECONDS)
            else:
                mask = FieldMask(paths=["display_name", "postal_code_area"])
                await self._regions.update_region(region=made, update_mask=mask, timeout=CALL_SECONDS)

        shown = ABSENT if there is None else "other places"
        return Found(Step(account.resource, "region", wanted.region_id, shown, f"{wanted.country} {', '.join(wanted.postcodes)}"), change)

    async def _offers(self, account: Account, product: str, wanted: Sequence[RegionalOffer], known: frozenset[str]) -> list[Found]:
        try:
            pager = await self._inventories.list_regional_inventories(parent=product, timeout=CALL_SECONDS)
            there = {one.region: one async for one in pager}
        except exceptions.NotFound:
            there = {}
        inserts = [self._inserting(account, product, one, there.get(one.region_id)) for one in wanted]
        kept = {one.region_id for one in wanted}
        # Regions of others stay; ours that the book no longer names for this offer go.
        deletes = [self._deleting(account, one) for region, one in there.items() if region in known - kept]
        return [one for one in (*inserts, *deletes) if one is not None]

    def _inserting(
        self, account: Account, product: str, wanted: RegionalOffer, there: inventories.RegionalInventory | None
    ) -> Found | None:
        attributes = inventories.RegionalInventoryAttributes()
        if wanted.price_minor is not None:
            attributes.price = price(wanted.price_minor, Currency(self._currencies[wanted.market]))
        if wanted.available is not None:
            attributes.availability = _AVAILABILITY.IN_STOCK if wanted.available else _AVAILABILITY.OUT_OF_STOCK
        if there is not None and _said(there.regional_inventory_attributes) == _said(attributes):
            return None
        made = inventories.RegionalInventory(region=wanted.region_id, regional_inventory_attributes=attributes)

        async def change() -> None:
            request = inventories.InsertRegionalInventoryRequest(parent=product, regional_inventory=made)
            await self._inventories.insert_regional_inventory(request=request, timeout=CALL_SECONDS)

        told = f"price {wanted.price_minor}" if wanted.available is None else f"price {wanted.price_minor}, available {wanted.available}"
        name = f"{wanted.offer_id} in {wanted.region_id}"
        return Found(Step(account.resource, "regional inventory", name, ABSENT if there is None else "other", told), change)

    def _deleting(self, account: Account, there: inventories.RegionalInventory) -> Found:
        async def change() -> None:
            await self._inventories.delete_regional_inventory(name=there.name, timeout=CALL_SECONDS)

        return Found(Step(account.resource, "regional inventory", there.region, "there", "deleted"), change)


def _product(account: Account, key: str) -> str:
    return f"{account.resource}/products/{base64.urlsafe_b64encode(key.encode()).decode().rstrip('=')}"


def _said(found: inventories.RegionalInventoryAttributes) -> tuple[object, ...]:
    return found.price, found.availability
