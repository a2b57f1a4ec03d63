"""What can be an e-mail address."""

import pytest

from tradewind.kit import is_email


@pytest.mark.parametrize("text", ["anna@example.com", "o'hara+shop@mail.example.co.uk", "用户@例子.中国"])
def test_an_address_has_a_name_and_a_domain(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text", ["", "@", "anna", "anna@", "@example.com", "anna@example", "anna@@example.com", "anna b@example.com", "a@b..c"]
)
def test_what_no_mail_reaches_is_none(text: str) -> None:
    assert not is_email(text)
