"""What an e-mail address looks like. Only a mail that arrives proves that it is one."""

import re

_EMAIL = re.compile(r"[^\s@\"<>()\[\]\\,;:\x00-\x1f]+@[^\s@\"<>()\[\]\\,;:\x00-\x1f.]+(\.[^\s@\"<>()\[\]\\,;:\x00-\x1f.]+)+")


def is_email(text: str) -> bool:
    """Whether a mail can be sent to this address: a name, one @ and a domain with a dot."""
    return _EMAIL.fullmatch(text) is not None
