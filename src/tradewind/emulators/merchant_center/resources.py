"""Resources that are only kept: created, read, listed in pages, updated, deleted, each under its name."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from tradewind.emulators.merchant_center.errors import Refused, invalid, not_found, raw

Resource = TypeVar("Resource")
_PAGE_FORM = "offset:"


class Collection(Generic[Resource]):
    """Messages of one type by name, in the order in which they came."""

    def __init__(self) -> None:
        self._found: dict[str, Resource] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def create(self, name: str, resource: Resource) -> Resource:
        if name in self._found:
            raise Refused("ALREADY_EXISTS", f"{name} exists already", "already_exists", {"FIELD_VALUE": name})
        return self.put(name, resource)

    def put(self, name: str, resource: Resource) -> Resource:
        self._found[name] = resource
        return resource

    def get(self, name: str) -> Resource:
        if name not in self._found:
            raise not_found(name)
        return self._found[name]

    def delete(self, name: str) -> None:
        self.get(name)
        del self._found[name]

    def under(self, parent: str) -> list[Resource]:
        """Those whose name begins with `parent/`."""
        return [resource for name, resource in self._found.items() if name.startswith(f"{parent}/")]


def page(items: Iterable[Resource], size: int, token: str, default: int, cap: int) -> tuple[list[Resource], str]:
    """One page and the token of the next (empty at the end); a size above the cap is cut to it, as Google does."""
    start = _offset(token)
    wanted = min(size or default, cap)
    if wanted < 0:
        raise invalid("page_size", size, "it cannot be negative")
    window: list[Resource] = []
    for at, item in enumerate(items):
        if at >= start + wanted:
            return window, f"{_PAGE_FORM}{start + wanted}"
        if at >= start:
            window.append(item)
    return window, ""


def update(target: Any, source: Any, paths: Iterable[str]) -> None:
    """Copies the top-level fields that the mask names (all populated ones when it is empty or "*")."""
    wanted = [path for path in paths if path != "*"] or [field.name for field, _ in raw(source).ListFields()]
    known = {field.name for field in raw(target).DESCRIPTOR.fields}
    for path in wanted:
        field = path.split(".", 1)[0]
        if field not in known:
            raise invalid("update_mask", path, "there is no such field")
        setattr(target, field, getattr(source, field))


def numbered(prefix: str, next_number: Callable[[], int]) -> str:
    """A name with a number of its own."""
    return f"{prefix}/{next_number()}"


def _offset(token: str) -> int:
    if not token:
        return 0
    if not token.startswith(_PAGE_FORM) or not token.removeprefix(_PAGE_FORM).isdigit():
        raise invalid("page_token", token, "this token was not given by this service")
    return int(token.removeprefix(_PAGE_FORM))
