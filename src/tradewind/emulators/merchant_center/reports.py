"""The product report: the part of the query language that asks product_view, answered from processed products."""

import re
from collections.abc import Iterable, Mapping

from google.shopping import merchant_reports_v1 as reports

from tradewind.emulators.merchant_center.errors import Refused, invalid, raw

_QUERY = re.compile(
    r"^\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<table>\w+)(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*;?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"^\s*(?P<field>[\w.]+)\s*(?P<op>=|!=)\s*['\"](?P<value>[^'\"]*)['\"]\s*$")
MAX_QUERY = 10_000
TABLE = "product_view"


class Query:
    """A parsed query: the fields to return, conditions that all hold, and a limit."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_QUERY:
            raise invalid("query", f"{len(text)} characters", f"at most {MAX_QUERY} are read")
        found = _QUERY.match(text)
        if found is None:
            raise invalid("query", text[:200], "the form is SELECT fields FROM product_view WHERE field = 'value'")
        if found["table"].lower() != TABLE:
            raise Refused("UNIMPLEMENTED", f"this emulator answers {TABLE} only, not {found['table']}", "unsupported_view")
        self.fields = tuple(field.strip().removeprefix(f"{TABLE}.") for field in found["fields"].split(","))
        known = {field.name for field in reports.ProductView.pb().DESCRIPTOR.fields}
        for field in self.fields:
            if field not in known:
                raise invalid("query", field, f"{TABLE} has no such field")
        self.conditions = _conditions(found["where"])
        self.limit = int(found["limit"]) if found["limit"] else None

    def rows(self, views: Iterable[reports.ProductView]) -> Iterable[reports.ReportRow]:
        """The views that hold every condition, with the selected fields only."""
        count = 0
        for view in views:
            if self.limit is not None and count >= self.limit:
                return
            if all((_value(view, field) == value) is wanted for (field, wanted), value in self.conditions.items()):
                count += 1
                yield reports.ReportRow(product_view=self._selected(view))

    def _selected(self, view: reports.ProductView) -> reports.ProductView:
        for field, _ in raw(view).ListFields():
            if field.name not in self.fields:
                raw(view).ClearField(field.name)
        return view


def _conditions(where: str | None) -> Mapping[tuple[str, bool], str]:
    found: dict[tuple[str, bool], str] = {}
    for part in re.split(r"\s+AND\s+", where, flags=re.IGNORECASE) if where else ():
        condition = _CONDITION.match(part)
        if condition is None:
            raise invalid("query", part, "conditions are field = 'value' or field != 'value', joined by AND")
        found[condition["field"].removeprefix(f"{TABLE}."), condition["op"] == "="] = condition["value"]
    return found


def _value(view: reports.ProductView, field: str) -> str:
    if not hasattr(view, field):
        raise invalid("query", field, f"{TABLE} has no such field")
    value = getattr(view, field)
    return str(getattr(value, "name", value))
