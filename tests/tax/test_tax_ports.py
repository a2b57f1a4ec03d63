"""Every tax port keeps the same promises: run against the rate file, and against Stripe's client over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from tradewind.adapters.tax import RateFileTax, StripeTax
from tradewind.emulators.tax_stand_in import TaxProvider, serve_tax
from tradewind.kit import InputIsInvalid, fixed_clock
from tradewind.markets import load_seller, parse_sales_tax
from tradewind.pricing import TaxAddress, TaxLine, TaxPort, TaxStatus

CLOCK = fixed_clock(datetime(2026, 11, 23, 12, tzinfo=UTC))
KEY = "sk_test_abcdef0123456789"
RATES = b"""state,zip,rate_percent,shipping,exempt,valid_from,source
CA,,8.85,exempt,,2026-01-01,a statewide rate
TX,75201-75254,8.25,taxable,,2026-01-01,Dallas
NY,,8,taxable,clothing<110.00,2026-01-01,New York
"""
CALIFORNIA, DALLAS, OREGON = TaxAddress("US", "CA", "90001"), TaxAddress("US", "TX", "75201"), TaxAddress("US", "OR", "97201")


def a_line(amount: int = 10_000, line_id: str = "1", **more: object) -> TaxLine:
    return TaxLine(line_id, amount, **more)  # type: ignore[arg-type]


def a_rate_file() -> RateFileTax:
    return RateFileTax(parse_sales_tax(RATES, "rates.csv"), load_seller(), CLOCK)


class TaxPortPromises:
    """A new adapter adds a subclass with its own `port`."""

    @pytest.fixture
    def port(self) -> TaxPort:
        raise AssertionError("a subclass gives its port")

    def test_each_line_and_the_shipping_are_taxed_and_add_up(self, port: TaxPort) -> None:
        result = port.calculate([a_line(10_000, "1"), a_line(333, "2")], DALLAS, 500, "USD", "chk_1")
        assert result.status is TaxStatus.SUCCEEDED
        assert result.shipping is not None
        assert [one.amount for one in result.lines] + [result.shipping.amount] == [825, 27, 41]
        assert result.total == 825 + 27 + 41

    def test_every_line_names_its_rule_and_its_rate(self, port: TaxPort) -> None:
        (line,) = port.calculate([a_line()], DALLAS, 0, "USD", "chk_1").lines
        assert (line.line_id, line.rate_ppm) == ("1", 82_500)
        assert "tx" in line.rule_id.casefold()
        assert line.reason

    def test_without_a_permit_nothing_is_collected_and_the_reason_is_said(self, port: TaxPort) -> None:
        result = port.calculate([a_line()], OREGON, 500, "USD", "chk_1")
        assert (result.status, result.total, result.lines[0].amount) == (TaxStatus.SUCCEEDED, 0, 0)
        assert "no permit in OR" in result.lines[0].reason
        assert result.lines[0].rule_id == "US-OR.no_permit"

    def test_an_amount_of_zero_owes_nothing(self, port: TaxPort) -> None:
        assert port.calculate([a_line(0)], DALLAS, 0, "USD", "chk_1").total == 0

    def test_the_same_question_has_the_same_answer(self, port: TaxPort) -> None:
        first, second = (port.calculate([a_line()], DALLAS, 100, "USD", "chk_9") for _ in range(2))
        assert first == second

    @pytest.mark.parametrize(
        ("lines", "address", "currency", "word"),
        [
            ([], DALLAS, "USD", "0 lines"),
            ([a_line(-1)], DALLAS, "USD", "-1"),
            ([a_line(), a_line()], DALLAS, "USD", "same id"),
            ([a_line()], DALLAS, "EUR", "EUR"),
            ([a_line()], TaxAddress("US", "Texas", "75201"), "USD", "Texas"),
            ([a_line()], TaxAddress("DE", "BE", "10115"), "USD", "DE-BE"),
        ],
    )
    def test_impossible_questions_are_refused(
        self, port: TaxPort, lines: list[TaxLine], address: TaxAddress, currency: str, word: str
    ) -> None:
        with pytest.raises(InputIsInvalid, match=word):
            port.calculate(lines, address, 0, currency, "chk_1")


class TestRateFile(TaxPortPromises):
    @pytest.fixture
    def port(self) -> TaxPort:
        return a_rate_file()

    def test_a_destination_without_a_rate_fails_and_says_which(self) -> None:
        result = a_rate_file().calculate([a_line()], TaxAddress("US", "TX", "79901"), 0, "USD", "chk_1")
        assert (result.status, result.lines) == (TaxStatus.FAILED, ())
        assert "79901" in result.message

    def test_shipping_that_a_state_exempts_is_not_taxed(self) -> None:
        shipping = a_rate_file().calculate([a_line()], CALIFORNIA, 500, "USD", "chk_1").shipping
        assert shipping is not None
        assert (shipping.amount, shipping.reason) == (0, "shipping is exempt in CA")

    @pytest.mark.parametrize(("amount", "quantity", "tax"), [(10_999, 1, 0), (11_000, 1, 880), (21_998, 2, 0), (22_000, 2, 1760)])
    def test_a_class_may_be_exempt_below_a_price_of_one_item(self, amount: int, quantity: int, tax: int) -> None:
        line = a_line(amount, quantity=quantity, product_class="clothing")
        assert a_rate_file().calculate([line], TaxAddress("US", "NY", "10001"), 0, "USD", "chk_1").total == tax


class TestStripeTax(TaxPortPromises):
    @pytest.fixture
    def provider(self) -> TaxProvider:
        return TaxProvider(KEY, {"TX": 82_500, "CA": 88_500})

    @pytest.fixture
    def stand_in(self, provider: TaxProvider) -> Iterator[str]:
        with serve_tax(provider) as address:
            yield address

    @pytest.fixture
    def clients(self) -> Iterator[list[StripeTax]]:
        opened: list[StripeTax] = []
        yield opened
        for client in opened:
            client.close()

    @pytest.fixture
    def port(self, stand_in: str, clients: list[StripeTax]) -> TaxPort:
        clients.append(a_client(stand_in))
        return clients[0]

    def test_a_retry_after_a_lost_answer_is_the_same_calculation(self, port: TaxPort, provider: TaxProvider) -> None:
        provider.faults = [0]
        result = port.calculate([a_line()], DALLAS, 0, "USD", "chk_1")
        assert (result.status, result.total) == (TaxStatus.SUCCEEDED, 825)
        port.calculate([a_line()], DALLAS, 0, "USD", "chk_1")
        assert len(provider.answers) == 1

    def test_a_changed_basket_is_another_calculation(self, port: TaxPort, provider: TaxProvider) -> None:
        totals = [port.calculate([a_line(amount)], DALLAS, 0, "USD", "chk_1").total for amount in (10_000, 20_000)]
        assert totals == [825, 1650]
        assert len({request["key"] for request in provider.requests}) == 2

    def test_what_the_provider_refuses_has_failed(self, port: TaxPort, provider: TaxProvider) -> None:
        del provider.rates_ppm["TX"]  # type: ignore[attr-defined]
        result = port.calculate([a_line()], DALLAS, 0, "USD", "chk_1")
        assert (result.status, result.lines, result.shipping) == (TaxStatus.FAILED, (), None)
        assert "no state" in result.message

    def test_what_the_provider_does_not_answer_is_unknown(self, stand_in: str, provider: TaxProvider, clients: list[StripeTax]) -> None:
        provider.faults = [503]
        clients.append(a_client(stand_in, retries=0))
        result = clients[0].calculate([a_line()], DALLAS, 0, "USD", "chk_1")
        assert (result.status, result.total) == (TaxStatus.UNKNOWN, 0)

    def test_a_slow_provider_is_not_waited_for(self, stand_in: str, provider: TaxProvider, clients: list[StripeTax]) -> None:
        provider.delay_seconds = 5
        clients.append(a_client(stand_in, retries=0, answer_seconds=1))
        result = clients[0].calculate([a_line()], DALLAS, 0, "USD", "chk_1")
        assert result.status is TaxStatus.UNKNOWN

    def test_a_closed_port_is_unknown(self) -> None:
        result = a_client("http://127.0.0.1:9", retries=0).calculate([a_line()], DALLAS, 0, "USD", "chk_1")
        assert result.status is TaxStatus.UNKNOWN

    def test_the_key_is_in_no_message_and_no_log(self, stand_in: str, clients: list[StripeTax], caplog: pytest.LogCaptureFixture) -> None:
        secret = "sk_live_wrong9876543210"
        clients.append(a_client(stand_in, key=secret))
        with caplog.at_level("DEBUG"):
            result = clients[0].calculate([a_line()], DALLAS, 0, "USD", "chk_1")
        assert result.status is TaxStatus.FAILED
        assert "(hidden)" in result.message
        assert secret not in result.message + caplog.text + repr(clients[0])

    def test_a_key_never_travels_in_the_open(self) -> None:
        with pytest.raises(InputIsInvalid, match="https"):
            a_client("http://tax.example.com")


def a_client(address: str, *, key: str = KEY, retries: int = 1, answer_seconds: int = 3) -> StripeTax:
    return StripeTax(SecretStr(key), load_seller(), CLOCK, url=address, retries=retries, answer_seconds=answer_seconds)
