"""A call to an address that a stranger named reaches public servers by https, and nothing else, whatever the address looks like."""

import asyncio
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from tradewind.adapters.outgoing import GuardedClient, destination, is_public
from tradewind.kit import OutgoingAddressIsRefused, OutgoingAnswer, OutgoingCall, OutsideAnswerIsTooLarge, OutsideIsAway

INNER_V4 = ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "0.0.0.0/8", "224.0.0.0/4")


def inner_v4() -> st.SearchStrategy[IPv4Address]:
    return st.one_of([st.ip_addresses(v=4, network=network) for network in INNER_V4])  # type: ignore[list-item]


@contextmanager
def a_server(answer: Callable[[bytes], bytes], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Answers raw bytes to raw bytes on a free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        is_over = threading.Event()

        def serve() -> None:
            while not is_over.is_set():
                try:
                    taken, _ = listener.accept()
                except TimeoutError:
                    continue
                taken.settimeout(2)
                with suppress(ssl.SSLError), tls.wrap_socket(taken, server_side=True) if tls else taken as stream:
                    stream.sendall(answer(stream.recv(65_536)))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            is_over.set()
            thread.join(5)


@contextmanager
def a_tls_server(folder: Path, name: str) -> Iterator[tuple[int, ssl.SSLContext]]:
    """A server with a certificate for `name` alone, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), now, now + timedelta(hours=1))
    signed = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(private + signed.public_bytes(Encoding.PEM))
    inside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    inside.load_cert_chain(folder / "server.pem")
    with a_server(lambda _: ok(), inside) as port:
        yield port, ssl.create_default_context(cadata=signed.public_bytes(Encoding.PEM).decode())


def ok(body: bytes = b"{}", head: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


def sent(url: str, client: GuardedClient | None = None, **given: int) -> OutgoingAnswer:
    return asyncio.run((client or GuardedClient(allow_loopback=True)).send(OutgoingCall("GET", url, **given)))  # type: ignore[arg-type]


def resolving(*addresses: str) -> GuardedClient:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return GuardedClient(resolve=resolve)


@given(inner_v4())
def test_no_way_of_writing_an_inner_address_makes_it_public(address: IPv4Address) -> None:
    wrapped = (
        f"::ffff:{address}",
        str(IPv6Address(0x64FF9B << 96 | int(address))),
        f"::{address}",
        str(IPv6Address(0x2002 << 112 | int(address) << 80)),
    )
    assert not any(is_public(one) for one in (str(address), *wrapped))


@given(inner_v4(), st.sampled_from(["{:d}", "{:#o}", "{:#x}"]), st.sampled_from(["", ":443", ":8443"]))
def test_numbers_in_any_base_are_no_way_inside(address: IPv4Address, form: str, port: str) -> None:
    parts = str(address).split(".")
    octal = ".".join(f"0{int(one):o}" for one in parts)
    for host in (form.format(int(address)), octal, f"{int(parts[0])}.{int(address) & 0xFFFFFF}", str(address)):
        with pytest.raises(OutgoingAddressIsRefused):
            destination(f"https://{host}{port}/")


@given(st.ip_addresses(v=6))
def test_only_the_public_part_of_ipv6_is_reached(address: IPv6Address) -> None:
    is_open = 0x2000 << 112 <= int(address) < 0x4000 << 112
    assert is_open or address.ipv4_mapped is not None or not is_public(str(address)) or str(address).startswith("64:ff9b::")


@given(st.text(max_size=60))
def test_any_text_is_a_destination_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        try:
            found = destination(url)
        except OutgoingAddressIsRefused:
            continue
        assert (found.scheme, found.is_loopback) == ("https", False)
        assert found.port in {443, 8443}


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com:22/",
        "https://example.com:99999/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://metadata/",
        "https://example.com./",
        "https://exämple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/%zz",
        "https://example.com/#x",
        "ftp://example.com/",
        "//example.com/",
        "",
    ],
)
def test_such_an_address_is_refused_by_its_looks(url: str) -> None:
    with pytest.raises(OutgoingAddressIsRefused) as caught:
        GuardedClient().check(url)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    "url", ["https://example.com/a?b=c", "https://EXAMPLE.com:8443", "https://93.184.216.34/", "https://[2606:2800:220:1::1]/"]
)
def test_a_public_address_passes(url: str) -> None:
    GuardedClient().check(url)


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("93.184.216.34", "169.254.169.254"), ("fd00::1",), ("::ffff:127.0.0.1",)])
def test_a_name_that_leads_inside_is_refused_even_when_another_of_its_addresses_is_public(addresses: Sequence[str]) -> None:
    with pytest.raises(OutgoingAddressIsRefused, match="leads inside"):
        sent("https://platform.example/", resolving(*addresses))


def test_a_name_without_an_address_is_away() -> None:
    with pytest.raises(OutsideIsAway, match="has no address"):
        sent("https://platform.example/", resolving())


def test_the_checked_address_is_the_one_that_is_called() -> None:
    asked = list[str]()

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    # The tests' network is closed: it names the address that was about to be called.
    with pytest.raises(ExceptionGroup) as caught:
        sent("https://platform.example/", GuardedClient(resolve=resolve))
    assert "93.184.216.34" in "".join(traceback.format_exception(caught.value))
    assert asked == ["platform.example"]


def test_an_answer_comes_back_with_its_host_asked_for_by_name() -> None:
    heard = list[bytes]()

    def answer(request: bytes) -> bytes:
        heard.append(request)
        return ok(b'{"a":1}', "Cache-Control: max-age=90\r\n")

    with a_server(answer) as port:
        found = sent(f"http://localhost:{port}/profile?x=%20y")
    assert (found.status, found.body, found.headers["cache-control"]) == (200, b'{"a":1}', "max-age=90")
    assert heard[0].startswith(b"GET /profile?x=%20y HTTP/1.1")
    assert f"Host: localhost:{port}".encode() in heard[0]


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with a_server(lambda _: b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as port:
        assert sent(f"http://127.0.0.1:{port}/").status == 302


@pytest.mark.parametrize("head", ["", "Content-Encoding: gzip\r\n"])
def test_an_answer_that_is_too_large_or_packed_is_thrown_away(head: str) -> None:
    with a_server(lambda _: ok(b"x" * (10 if head else 5000), head)) as port, pytest.raises(OutsideAnswerIsTooLarge):
        sent(f"http://127.0.0.1:{port}/", max_bytes=4000)


def test_a_server_that_says_nothing_is_away_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(OutsideIsAway):
        sent(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=1)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"])
def test_what_is_no_whole_http_answer_is_away(answer: bytes) -> None:
    with a_server(lambda _: answer) as port, pytest.raises(OutsideIsAway):
        sent(f"http://127.0.0.1:{port}/")


def test_this_machine_is_closed_unless_it_is_allowed() -> None:
    with a_server(lambda _: ok()) as port, pytest.raises(OutgoingAddressIsRefused):
        sent(f"http://127.0.0.1:{port}/", GuardedClient())


def test_the_certificate_must_be_for_the_name_though_a_number_is_called(tmp_path: Path) -> None:
    with a_tls_server(tmp_path, "localhost") as (port, trusted):
        assert sent(f"https://localhost:{port}/", GuardedClient(allow_loopback=True, context=trusted)).status == 200
    with a_tls_server(tmp_path, "platform.example") as (port, trusted), pytest.raises(OutsideIsAway, match="certificate"):
        sent(f"https://localhost:{port}/", GuardedClient(allow_loopback=True, context=trusted))
