"""Which addresses this house lets itself be sent to. Pure.

A profile's or webhook's address is written by a stranger, who would like this server to ask its neighbors: the metadata service of a
cloud, a database's port, a router's page. So only https to public addresses passes, by name or by a plainly written number.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from tradewind.kit import OutgoingAddressIsRefused

URL_LIMIT = 2048
PORTS = frozenset({443, 8443})
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Special by their registries (RFC 6890 and later), though Python 3.11 counts some of them as global.
_CLOSED_V4 = tuple(IPv4Network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4"))
_OPEN_V6 = IPv6Network("2000::/3")
_CLOSED_V6 = tuple(IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_TRANSLATED = IPv6Network("64:ff9b::/96")  # a NAT64 gateway reaches the IPv4 address in the last 32 bits
_HINT = "give an https address of a public server, such as https://platform.example/profile"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a call goes: `host` is as it stands in the address, without brackets."""

    scheme: str
    host: str
    port: int
    is_loopback: bool


def destination(url: str, *, allow_loopback: bool = False) -> Destination:
    """The destination of an address; OutgoingAddressIsRefused says why it has none. With `allow_loopback` also this machine, by http too."""
    if len(url) > URL_LIMIT or not _CHARACTERS.fullmatch(url) or _BROKEN_ESCAPE.search(url):
        raise _refused(url, f"it is longer than {URL_LIMIT} characters, or has one that addresses do not have")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused(url, "it cannot be read") from None
    host = parts.hostname or ""
    if "@" in parts.netloc or "\\" in url:
        raise _refused(url, "it holds a user or a password")
    if parts.fragment or "#" in url:
        raise _refused(url, "it has a fragment")
    is_loopback = allow_loopback and host in _LOOPBACK_NAMES
    if parts.scheme != "https" and not (is_loopback and parts.scheme == "http"):
        raise _refused(url, "it is not https")
    used = port if port is not None else {"https": 443, "http": 80}[parts.scheme]
    if is_loopback:
        return Destination(parts.scheme, host, used, is_loopback=True)
    if used not in PORTS:
        raise _refused(url, f"its port {used} is none of {', '.join(str(one) for one in sorted(PORTS))}")
    _check_host(url, host)
    return Destination(parts.scheme, host, used, is_loopback=False)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to a server in the public network, also when it is wrapped into another."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public_v4(found) if isinstance(found, IPv4Address) else _is_public_v6(found)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in closed for closed in _CLOSED_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    inner = address.ipv4_mapped
    if inner is None and address in _TRANSLATED:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return _is_public_v4(inner)
    return address in _OPEN_V6 and not any(address in closed for closed in _CLOSED_V6)


def _check_host(url: str, host: str) -> None:
    if ":" in host:
        if not is_public(host):
            raise _refused(url, "it lies inside a network")
        return
    last = host.rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        # 2130706433, 0177.0.0.1 and 0x7f.1 are all this machine to a resolver: only four plain numbers are an address.
        try:
            IPv4Address(host)
        except ValueError:
            raise _refused(url, f'"{host}" is neither a name nor four plain numbers') from None
        if not is_public(host):
            raise _refused(url, "it lies inside a network")
        return
    if not _NAME.fullmatch(host):
        raise _refused(url, f'"{host[:80]}" is not the full name of a server')


def _refused(url: str, why: str) -> OutgoingAddressIsRefused:
    shown = re.sub(r"//[^/@]*@", "//[hidden]@", url.partition("?")[0])[:120]
    return OutgoingAddressIsRefused(f"the address {shown} is not called: {why}", hint=_HINT)
