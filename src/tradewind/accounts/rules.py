"""What may be an e-mail, a name and a password, and how long things last. Pure."""

import re
from datetime import timedelta

from tradewind.accounts.errors import PasswordIsWeak
from tradewind.kit import InputIsInvalid, is_email

EMAIL_LENGTH = 254  # RFC 5321, section 4.5.3.1.3
NAME_LENGTH = 100
PASSWORD_SHORTEST = 10  # NIST SP 800-63B-4 asks for 8 with a second factor, 15 without; ASVS 5.0 V6.2.1 for 8. No composition rules.
PASSWORD_LONGEST = 128
SESSION_IDLE = timedelta(days=14)
SESSION_LONGEST = timedelta(days=90)
CODE_LASTS = timedelta(hours=24)
RESET_LASTS = timedelta(hours=1)
ADDRESSES_LIMIT = 20

# Attempts that count together: (how many, within). By account and by origin, so neither one victim nor a list of them can be tried through.
SIGN_IN_BY_EMAIL = (10, timedelta(minutes=15))
SIGN_IN_BY_ORIGIN = (50, timedelta(minutes=15))
MAIL_BY_EMAIL = (5, timedelta(hours=1))
MAIL_BY_ORIGIN = (20, timedelta(hours=1))
CODE_BY_ORIGIN = (20, timedelta(minutes=15))

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TRIED_FIRST = frozenset(
    {
        "1234567890", "12345678910", "123456789a", "0123456789", "0987654321", "1111111111", "0000000000", "qwertyuiop", "qwerty12345",
        "1q2w3e4r5t", "password12", "password123", "password1234", "passwort123", "iloveyou123", "letmein1234", "welcome1234", "admin12345",
        "changeme123", "abcdefghij", "abc1234567", "a123456789", "aa12345678", "woaini1314", "woaini5201314", "5201314520", "1qaz2wsx3edc",
    }
)  # fmt: skip


def checked_email(text: str) -> str:
    """The address as it is stored and found: trimmed, in lower case. InputIsInvalid says what is wrong."""
    email = text.strip().lower()
    if len(email) > EMAIL_LENGTH or not is_email(email):
        raise InputIsInvalid(f'"{text.strip()[:60]}" is not an e-mail address', hint="write it like name@example.com")
    return email


def checked_name(text: str) -> str:
    """A person's name, as the person writes it."""
    name = " ".join(text.split())
    if not name or len(name) > NAME_LENGTH or _CONTROL.search(name):
        raise InputIsInvalid(f"a name has 1 to {NAME_LENGTH} characters", hint="write the name as it stands on the door bell")
    return name


def checked_password(text: str, email: str) -> str:
    """The password itself; PasswordIsWeak. Any character counts, and none is asked for."""
    if not PASSWORD_SHORTEST <= len(text) <= PASSWORD_LONGEST:
        raise PasswordIsWeak(
            f"a password has {PASSWORD_SHORTEST} to {PASSWORD_LONGEST} characters", hint="take a few words that only you put together"
        )
    plain = text.lower()
    if plain in _TRIED_FIRST or len(set(plain)) < 3 or plain in {email, email.partition("@")[0]}:
        raise PasswordIsWeak("this password is among the first that are tried", hint="take a few words that only you put together")
    return text
