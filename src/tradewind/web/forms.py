"""Forms: read with a limit on their fields, and taken from our own pages alone."""

from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

from tradewind.web.house import House


def is_from_own_page(request: Request) -> bool:
    """Whether the browser names one of our own pages as the sender of the form. A missing Origin is refused as well."""
    house: House = request.app.state.house
    own = urlsplit(house.settings.public_url)
    return request.headers.get("origin", "") in {f"{own.scheme}://{own.netloc}", f"{own.scheme}://{request.headers.get('host', '')}"}


async def fields_of(request: Request, limit: int, *, keep_blank: bool = False) -> dict[str, str]:
    """The fields of an urlencoded form, each once; ValueError when there are more than `limit`."""
    body = (await request.body()).decode("utf-8", "replace")
    found = parse_qs(body, max_num_fields=limit, keep_blank_values=keep_blank)
    return {name: values[0] for name, values in found.items()}
