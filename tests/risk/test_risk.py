"""The risk rules say accept, review or refuse, each with reasons a person can check."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.adapters.risk import DeniedParties, Forwarders, RuleBasedRisk, load_denied, load_forwarders, load_rules, parse_rules
from tradewind.adapters.risk.lists import words_of
from tradewind.kit import Currency, Money
from tradewind.payments import CardFacts, PaymentDataIsInvalid, Person, RiskRequest, Velocity, Verdict

ANNA = Person("Anna Schmidt", "anna@example.com", "", "DE", "", "10115", "Berlin", ("Chausseestr. 1",))
GOOD_CARD = CardFacts("fp", "visa", "4242", "DE", "pass", "pass")
RULES = load_rules()
GRAVITY = [Verdict.ACCEPT, Verdict.REVIEW, Verdict.REFUSE]


def a_request(**more: object) -> RiskRequest:
    plain = RiskRequest("pay_1", Money(9_900, Currency("EUR")), "de", "card", ANNA, ANNA)
    return replace(plain, **more)  # type: ignore[arg-type]


def rules(folder: Path | None = None) -> RuleBasedRisk:
    return RuleBasedRisk(RULES, load_denied(folder), load_forwarders(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "denied-parties.csv").write_text(
        "name,alt_names,country,source\nIvan Petrovich Sidorov,Ivan Sidorov;Sidoroff,RU,invented list\n示例贸易公司,,CN,invented list\n",
        "utf-8",
    )
    (tmp_path / "forwarders.csv").write_text("country,postcode,line,name\nUS,19701,10 Sample Forwarding Rd,Sample Forwarding\n", "utf-8")
    return tmp_path


def test_an_ordinary_purchase_is_accepted_without_a_word() -> None:
    verdict = rules().assess(a_request(card=GOOD_CARD))
    assert (verdict.verdict, verdict.reasons) == (Verdict.ACCEPT, ())


@pytest.mark.parametrize(("count", "verdict"), [(4, Verdict.ACCEPT), (5, Verdict.REVIEW), (14, Verdict.REVIEW), (15, Verdict.REFUSE)])
def test_failed_attempts_are_looked_at_and_then_refused(count: int, verdict: Verdict) -> None:
    assert rules().assess(a_request(velocity=Velocity(failed=count))).verdict is verdict


@pytest.mark.parametrize(
    ("card", "verdict", "word"),
    [
        (replace(GOOD_CARD, cvc_check="fail"), Verdict.REVIEW, "security code"),
        (replace(GOOD_CARD, postcode_check="fail"), Verdict.ACCEPT, ""),
        (replace(GOOD_CARD, cvc_check="fail", postcode_check="fail"), Verdict.REFUSE, "postcode"),
        (replace(GOOD_CARD, country="BR"), Verdict.REVIEW, "BR"),
        (replace(GOOD_CARD, country=""), Verdict.ACCEPT, ""),
    ],
)
def test_what_the_network_tells_of_a_card_counts(card: CardFacts, verdict: Verdict, word: str) -> None:
    found = rules().assess(a_request(card=card))
    assert found.verdict is verdict
    assert word in " ".join(found.reasons)


def test_a_dear_purchase_is_looked_at() -> None:
    assert rules().assess(a_request(amount=Money(200_001, Currency("EUR")))).verdict is Verdict.REVIEW


@pytest.mark.parametrize(
    ("name", "country", "verdict"),
    [
        ("Ivan Petrovich Sidorov", "RU", Verdict.REFUSE),
        ("SIDOROV, Ívan", "RU", Verdict.REFUSE),
        ("Ivan Petrovitch Sidorov", "RU", Verdict.REVIEW),
        ("Ivan Sidorov", "DE", Verdict.REVIEW),
        ("示例贸易公司", "CN", Verdict.REFUSE),
        ("Ivan Schmidt", "RU", Verdict.ACCEPT),
        ("Anna Schmidt", "DE", Verdict.ACCEPT),
        ("", "RU", Verdict.ACCEPT),
    ],
)
def test_a_denied_party_is_found_by_the_words_of_its_name(folder: Path, name: str, country: str, verdict: Verdict) -> None:
    found = rules(folder).assess(a_request(recipient=replace(ANNA, name=name, country=country)))
    assert found.verdict is verdict
    assert ("invented list" in " ".join(found.reasons)) == (verdict is not Verdict.ACCEPT)


def test_the_address_of_a_forwarder_is_looked_at(folder: Path) -> None:
    there = Person("Anna Schmidt", country="US", postcode="19701", lines=("10 Sample Forwarding Rd.", "Suite 4711"))
    found = rules(folder).assess(a_request(recipient=there))
    assert (found.verdict, found.reasons) == (Verdict.REVIEW, ("the address is that of a forwarder: Sample Forwarding",))
    assert rules(folder).assess(a_request(recipient=replace(there, postcode="19702"))).verdict is Verdict.ACCEPT


@given(st.builds(Velocity, *[st.integers(0, 200)] * 5), st.builds(Velocity, *[st.integers(0, 200)] * 5))
def test_more_attempts_never_make_a_purchase_look_better(one: Velocity, more: Velocity) -> None:
    names = ("by_email", "by_address", "by_network", "by_card", "failed")
    summed = Velocity(**{name: getattr(one, name) + getattr(more, name) for name in names})
    before, after = (RuleBasedRisk(RULES, DeniedParties(), Forwarders()).assess(a_request(velocity=counted)) for counted in (one, summed))
    assert GRAVITY.index(after.verdict) >= GRAVITY.index(before.verdict)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("velocity = {", "not TOML"),
        ("[velocity]\nby_moon = { review = 1, refuse = 2 }", "by_moon"),
        ("[velocity]\nfailed = { review = 3, refuse = 2 }", "refuse comes before review"),
        ("[card]\ncvc_fails = 'perhaps'", "perhaps"),
        ("[moon]", "moon"),
    ],
)
def test_rules_that_cannot_be_read_are_refused_by_name(text: str, word: str) -> None:
    with pytest.raises(PaymentDataIsInvalid, match=word):
        parse_rules(text)


def test_a_list_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "denied-parties.csv").write_text("who\nIvan\n", "utf-8")
    with pytest.raises(PaymentDataIsInvalid, match="no column name"):
        load_denied(tmp_path)


@given(st.text(max_size=40))
def test_words_are_the_same_with_an_accent_anywhere_in_the_text(text: str) -> None:
    with_accent = words_of(f"{text} é")
    assert sorted([*words_of(text), "e"]) == list(with_accent)
