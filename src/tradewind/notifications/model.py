"""A mail, ready to be sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the shop's name, its address, and where its pages are."""

    name: str
    address: str
    public_url: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels along, such as an invoice."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """Text and HTML say the same. `reference` names the mail for ever: its Message-ID is made of it, so a second copy can be recognized."""

    reference: str
    to: str
    subject: str
    text: str
    html: str
    language: str
    sender: Sender
    attachments: tuple[Attachment, ...] = ()
