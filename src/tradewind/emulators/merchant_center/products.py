"""Product inputs and processed products: accepting, ordering by version, merging, processing after a while, expiring."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from google.shopping import merchant_products_v1 as products

from tradewind.emulators.merchant_center.errors import Refused, invalid, not_found, raw
from tradewind.emulators.merchant_center.model import EXPIRY, UPDATES_A_DAY, CenterConfig, StoredInput, StoredProduct
from tradewind.emulators.merchant_center.names import ProductKey, account_of, checked_key, product_key

MAX_CUSTOM_ATTRIBUTES = 2500
MAX_CUSTOM_LENGTH = 10_240
_CUSTOM_MASK = "custom_attribute."
_MASK_PREFIXES = ("product_attributes.", "productAttributes.")

SourceKind = Callable[[str], str]
"""Tells of a data source's name whether it is "primary" or "supplemental"; Refused when there is no such source."""


class ProductShelf:
    """All products of all accounts, by account and key."""

    def __init__(self, config: CenterConfig, source_kind: SourceKind) -> None:
        self._config = config
        self._source_kind = source_kind
        self._stored: dict[int, dict[ProductKey, StoredProduct]] = {account: {} for account in config.accounts}
        self._waiting: dict[tuple[int, ProductKey], datetime] = {}
        self.changed: list[tuple[int, ProductKey]] = []
        self.policy_violations = 0
        self._expiry_check_at: datetime | None = None

    def insert(self, request: products.InsertProductInputRequest, now: datetime) -> products.ProductInput:
        """An upsert: a lower version is ABORTED, another primary source takes the product over."""
        account = self._account(request.parent, "parent")
        sent = request.product_input
        key = checked_key(sent.content_language, sent.feed_label, sent.offer_id)
        _check_custom(sent)
        kind = self._source_kind(request.data_source)
        shelf = self._stored[account]
        stored = shelf.get(key)
        if kind == "supplemental" and stored is None:
            stored = StoredProduct()
        if stored is None or (kind == "primary" and not stored.primary):
            self._check_room(account)
        stored = stored or StoredProduct()
        if kind == "primary":
            _check_version(sent, stored, key)
        self._note_write(stored, key, now)
        kept = products.ProductInput(sent)
        kept.offer_id = key.offer_id
        if kind == "primary":
            _take_over(stored, request.data_source, sent, now)
            self._expiry_check_at = self._expiry_check_at or now + EXPIRY
        shelf[key] = stored
        stored.sent[request.data_source] = StoredInput(products.ProductInput.serialize(kept), now)
        self._wait(account, key, now)
        return _answer(kept, account, key)

    def update(self, request: products.UpdateProductInputRequest, now: datetime) -> products.ProductInput:
        """Patches top-level attributes: a masked attribute without a value is deleted, an empty mask means what is populated."""
        name = request.product_input.name
        account, key = self._account(name, "product_input.name"), product_key(name, "productInputs")
        self._source_kind(request.data_source)
        stored = self._stored[account].get(key)
        if stored is None or request.data_source not in stored.sent:
            raise not_found(name)
        self._note_write(stored, key, now)
        kept = products.ProductInput.deserialize(stored.sent[request.data_source].payload)
        _patch(kept, request)
        stored.sent[request.data_source] = StoredInput(products.ProductInput.serialize(kept), now)
        if request.data_source == stored.primary:
            stored.refreshed_at = now
        self._wait(account, key, now)
        return _answer(kept, account, key)

    def delete(self, request: products.DeleteProductInputRequest, now: datetime) -> None:
        account, key = self._account(request.name, "name"), product_key(request.name, "productInputs")
        self._source_kind(request.data_source)
        stored = self._stored[account].get(key)
        if stored is None or request.data_source not in stored.sent:
            raise not_found(request.name)
        del stored.sent[request.data_source]
        if request.data_source == stored.primary:
            stored.primary, stored.version_number = "", None
        self._wait(account, key, now)

    def settle(self, now: datetime) -> None:
        """Processes what has waited long enough, and drops what has expired."""
        due = timedelta(seconds=self._config.processing_seconds)
        for (account, key), since in list(self._waiting.items()):
            if now - since < due:
                break  # in order of arrival
            del self._waiting[account, key]
            self._process(account, key)
        if self._expiry_check_at is not None and now >= self._expiry_check_at:
            self._expire(now)

    def get(self, name: str) -> tuple[ProductKey, StoredProduct]:
        account, key = self._account(name, "name"), product_key(name, "products")
        stored = self._stored[account].get(key)
        if stored is None or stored.primary not in stored.processed:
            raise not_found(name)
        return key, stored

    def processed(self, account: int) -> Iterator[tuple[ProductKey, StoredProduct]]:
        """The products of an account that can be read, in the order of their keys."""
        shelf = self._stored[account]
        for key in sorted(shelf, key=str):
            if shelf[key].primary in shelf[key].processed:
                yield key, shelf[key]

    def peek(self, account: int, key: ProductKey) -> StoredProduct | None:
        return self._stored[account].get(key)

    def count(self, account: int) -> int:
        return len(self._stored[account])

    def _expire(self, now: datetime) -> None:
        """Every product is looked at only when the oldest refresh has come of age."""
        for account, shelf in self._stored.items():
            for key in [key for key, stored in shelf.items() if _is_expired(stored, now)]:
                del shelf[key]
                self.changed.append((account, key))
        refreshed = [stored.refreshed_at for shelf in self._stored.values() for stored in shelf.values() if stored.refreshed_at]
        self._expiry_check_at = min(refreshed) + EXPIRY if refreshed else None

    def _process(self, account: int, key: ProductKey) -> None:
        stored = self._stored[account].get(key)
        if stored is None:
            return
        if not stored.sent:
            del self._stored[account][key]
        stored.processed = dict(stored.sent) if stored.primary else {}
        self.changed.append((account, key))

    def _wait(self, account: int, key: ProductKey, now: datetime) -> None:
        self._waiting.pop((account, key), None)
        self._waiting[account, key] = now

    def _account(self, name: str, field: str) -> int:
        account = account_of(name, field)
        if account not in self._stored:
            raise Refused("PERMISSION_DENIED", f"no access to account {account}", "account_access_denied", {"FIELD_VALUE": str(account)})
        return account

    def _check_room(self, account: int) -> None:
        if len(self._stored[account]) >= self._config.products_limit:
            raise Refused("FAILED_PRECONDITION", f"the account holds its {self._config.products_limit} products", "too_many_items")

    def _note_write(self, stored: StoredProduct, key: ProductKey, now: datetime) -> None:
        stored.writes = [moment for moment in stored.writes if now - moment < timedelta(days=1)]
        if len(stored.writes) >= UPDATES_A_DAY:
            self.policy_violations += 1
            if self._config.strict_updates:
                raise Refused("RESOURCE_EXHAUSTED", f"{key} was updated {UPDATES_A_DAY} times today", "quota/product_updates_per_day")
        stored.writes.append(now)


def merged(stored: StoredProduct) -> products.ProductInput:
    """The primary input with every supplemental one laid over it, as last processed."""
    found = products.ProductInput.deserialize(stored.processed[stored.primary].payload)
    for source, one in stored.processed.items():
        if source == stored.primary:
            continue
        extra = products.ProductInput.deserialize(one.payload)
        overlay, target = raw(extra.product_attributes), raw(found.product_attributes)
        for field, _ in overlay.ListFields():
            target.ClearField(field.name)
        target.MergeFrom(overlay)
        names = {custom.name for custom in extra.custom_attributes}
        found.custom_attributes = [*(one for one in found.custom_attributes if one.name not in names), *extra.custom_attributes]
    return found


def _take_over(stored: StoredProduct, source: str, sent: products.ProductInput, now: datetime) -> None:
    if stored.primary and stored.primary != source:
        stored.sent.pop(stored.primary, None)
    stored.primary = source
    if "version_number" in sent:
        stored.version_number = sent.version_number
    stored.created_at = stored.created_at or now
    stored.refreshed_at = now


def _check_version(sent: products.ProductInput, stored: StoredProduct, key: ProductKey) -> None:
    if "version_number" in sent and stored.version_number is not None and sent.version_number < stored.version_number:
        raise Refused(
            "ABORTED",
            f"version {sent.version_number} of {key} is older than {stored.version_number}",
            "version_number_too_low",
            {"FIELD_LOCATION": "version_number", "FIELD_VALUE": str(sent.version_number)},
        )


def _check_custom(sent: products.ProductInput) -> None:
    if len(sent.custom_attributes) > MAX_CUSTOM_ATTRIBUTES:
        raise invalid("custom_attributes", len(sent.custom_attributes), f"at most {MAX_CUSTOM_ATTRIBUTES} are allowed")
    for custom in sent.custom_attributes:
        if len(custom.name) + len(custom.value) > MAX_CUSTOM_LENGTH:
            raise invalid("custom_attributes", custom.name, f"name and value have more than {MAX_CUSTOM_LENGTH} characters")


def _patch(kept: products.ProductInput, request: products.UpdateProductInputRequest) -> None:
    sent = request.product_input
    source = raw(sent.product_attributes)
    customs = {custom.name: custom for custom in sent.custom_attributes}
    paths = list(request.update_mask.paths) or [
        *(f"product_attributes.{field.name}" for field, _ in source.ListFields()),
        *(f"{_CUSTOM_MASK}{name}" for name in customs),
    ]
    for path in paths:
        if path.startswith(_CUSTOM_MASK):
            name = path.removeprefix(_CUSTOM_MASK)
            rest = [one for one in kept.custom_attributes if one.name != name]
            kept.custom_attributes = [*rest, customs[name]] if name in customs else rest
        else:
            _patch_attribute(raw(kept.product_attributes), source, path)


def _patch_attribute(target: Any, source: Any, path: str) -> None:
    """Takes one top-level attribute over from `source`, or clears it where `source` has none."""
    prefix = next((prefix for prefix in _MASK_PREFIXES if path.startswith(prefix)), None)
    field = path.removeprefix(prefix or "")
    if prefix is None or field not in {one.name for one in source.DESCRIPTOR.fields}:
        raise invalid("update_mask", path, "only top-level product_attributes and custom_attribute.NAME can be masked")
    target.ClearField(field)
    part = type(target)()
    part.CopyFrom(source)
    for other, _ in source.ListFields():
        if other.name != field:
            part.ClearField(other.name)
    target.MergeFrom(part)


def _answer(kept: products.ProductInput, account: int, key: ProductKey) -> products.ProductInput:
    kept.name = f"accounts/{account}/productInputs/{key}"
    kept.base64_encoded_name = f"accounts/{account}/productInputs/{key.encoded}"
    kept.product = f"accounts/{account}/products/{key}"
    kept.base64_encoded_product = f"accounts/{account}/products/{key.encoded}"
    return kept


def _is_expired(stored: StoredProduct, now: datetime) -> bool:
    return stored.refreshed_at is not None and now - stored.refreshed_at >= EXPIRY
