"""Mails as files: for trying things out, and for installations that send nothing yet."""

import hashlib
from pathlib import Path

from tradewind.adapters.mail.message import message_of
from tradewind.kit import Clock
from tradewind.notifications import Mail

_OWNER_ONLY = 0o700


class FolderMailer:
    """Writes each mail as an .eml file, which any mail program opens."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock

    def send(self, mail: Mail) -> None:
        self._folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        name = f"{self._clock():%Y%m%dT%H%M%S}-{hashlib.sha256(mail.reference.encode()).hexdigest()[:12]}.eml"
        beside = self._folder / f".{name}"
        beside.write_bytes(bytes(message_of(mail, self._clock)))
        beside.replace(self._folder / name)
