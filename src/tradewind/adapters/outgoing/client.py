"""The one client for addresses that others named: the guard decides, the name is resolved once, and the checked address is what is called."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence

import httpx

from tradewind.adapters.outgoing.rules import Destination, destination, is_public
from tradewind.kit import OutgoingAddressIsRefused, OutgoingAnswer, OutgoingCall, OutsideAnswerIsTooLarge, OutsideIsAway

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a name."""

ADDRESSES_TRIED = 3
CONNECT_SECONDS = 5
HEADERS_LIMIT = 100
_LOOPBACK = {"localhost": ("127.0.0.1", "::1"), "127.0.0.1": ("127.0.0.1",), "::1": ("::1",)}
_AGENT = "Tradewind"


class GuardedClient:
    """Calls public servers by https, and with `allow_loopback` this machine; follows no redirect, keeps no connection, no cookie.

    The address that was checked is the one that is connected to, so a name that answers differently the second time gains nothing.
    """

    def __init__(self, *, allow_loopback: bool = False, resolve: Resolver | None = None, context: ssl.SSLContext | None = None) -> None:
        self._allow_loopback = allow_loopback
        self._resolve = resolve or _system_resolver
        self._context = context or httpx.create_ssl_context(trust_env=False)

    def check(self, url: str) -> None:
        """See Outgoing."""
        destination(url, allow_loopback=self._allow_loopback)

    async def send(self, call: OutgoingCall) -> OutgoingAnswer:
        """See Outgoing."""
        place = destination(call.url, allow_loopback=self._allow_loopback)
        try:
            async with asyncio.timeout(call.seconds):
                return await self._send(call, place)
        except TimeoutError:
            raise _away(place, f"it did not answer within {call.seconds} s") from None

    async def _send(self, call: OutgoingCall, place: Destination) -> OutgoingAnswer:
        addresses = (await self._addresses(place))[:ADDRESSES_TRIED]
        # One connection for one call: a kept connection belongs to an IP address, which may serve many names.
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
        timeout = httpx.Timeout(call.seconds, connect=min(CONNECT_SECONDS, call.seconds))
        async with httpx.AsyncClient(
            verify=self._context, limits=limits, timeout=timeout, trust_env=False, follow_redirects=False
        ) as client:
            failed = ""
            for address in addresses:
                try:
                    return await self._exchange(client, call, place, address)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failed = failed or str(error)  # nothing was sent: the next address may do
                except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
                    raise _away(place, str(error) or type(error).__name__) from None
        raise _away(place, failed or "no connection")

    async def _exchange(self, client: httpx.AsyncClient, call: OutgoingCall, place: Destination, address: str) -> OutgoingAnswer:
        url = httpx.URL(call.url)
        headers = {**call.headers, "Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
        headers.setdefault("User-Agent", _AGENT)
        request = client.build_request(
            call.method, url.copy_with(host=address), headers=headers, content=call.body or None, extensions={"sni_hostname": place.host}
        )
        response = await client.send(request, stream=True)
        try:
            if len(response.headers) > HEADERS_LIMIT or response.headers.get("content-encoding", "identity") != "identity":
                raise OutsideAnswerIsTooLarge(f"{place.host} packed its answer", hint="it was asked for plain bytes")
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > call.max_bytes:
                    raise OutsideAnswerIsTooLarge(
                        f"{place.host} answers more than {call.max_bytes} bytes", hint="its answer was thrown away"
                    )
        finally:
            await response.aclose()
        return OutgoingAnswer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, bytes(body))

    async def _addresses(self, place: Destination) -> Sequence[str]:
        if place.is_loopback:
            return _LOOPBACK[place.host]
        found = await self._resolve(place.host, place.port)
        if not found:
            raise _away(place, "its name has no address")
        # One inner address among public ones is an attack, not a choice to make.
        if not all(is_public(one) for one in found):
            raise OutgoingAddressIsRefused(f"the name {place.host} leads inside a network", hint="give the address of a public server")
        return found


async def _system_resolver(host: str, port: int) -> Sequence[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def _away(place: Destination, why: str) -> OutsideIsAway:
    return OutsideIsAway(f"{place.host}:{place.port} cannot be reached: {why[:200]}", hint="it is tried again where that helps")
