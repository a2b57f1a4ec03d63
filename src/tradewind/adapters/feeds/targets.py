"""Where finished feed files are handed over: a folder, such as a mounted share, or an SFTP server. Readers see the old file or the new one."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

import paramiko

from tradewind.kit import InputIsInvalid, TradewindError

SFTP_PORT: Final = 22
CONNECT_SECONDS: Final = 20
# A file of some GB takes minutes; a server that stays silent for so long is gone.
SILENCE_SECONDS: Final = 120


class FeedTargetIsInvalid(InputIsInvalid):
    """The place where feeds go is none: neither a folder nor an sftp:// address that says who signs in, and how."""

    code = "feed_target_invalid"


class FeedTargetRefused(TradewindError):
    """The feeds are made, and the place where they go did not take them."""

    code = "feed_target_refused"
    http_status = 502


class FeedTarget(Protocol):
    """Takes finished files."""

    def hand_over(self, files: Sequence[Path], root: Path) -> list[str]:
        """Copies the files, which lie below `root`, to the same places there, each replaced in one step; their names there."""


@dataclass(frozen=True, slots=True)
class FolderTarget:
    """A folder of this machine."""

    folder: Path

    def hand_over(self, files: Sequence[Path], root: Path) -> list[str]:
        """FeedTargetRefused when the folder cannot be written."""
        done = []
        for file in files:
            target = self.folder / file.relative_to(root)
            scratch = target.with_name(f".{target.name}.{os.getpid()}")
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, scratch)
                scratch.replace(target)
            except OSError as error:
                raise FeedTargetRefused(
                    f"{target} cannot be written: {error.strerror}",
                    hint="check its rights and its space, then: tradewind listings publish-feeds",
                ) from None
            done.append(str(target))
        return done


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in to an SFTP server: a key file or a password, and the file that names the keys of known hosts."""

    password: str | None = None
    key_file: Path | None = None
    known_hosts: Path | None = None


@dataclass(frozen=True, slots=True)
class SftpTarget:
    """A folder of an SFTP server whose host key is known beforehand: one that is not is refused, so that nobody can stand in between."""

    host: str
    port: int
    user: str
    folder: str
    sign_in: SignIn

    def hand_over(self, files: Sequence[Path], root: Path) -> list[str]:
        """FeedTargetRefused when the server cannot be reached, is not who it was, or does not take a file."""
        with self._session() as session:
            return [self._put(session, file, PurePosixPath(self.folder) / file.relative_to(root).as_posix()) for file in files]

    @contextmanager
    def _session(self) -> Iterator[paramiko.SFTPClient]:
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            if self.sign_in.known_hosts is not None:
                client.load_host_keys(str(self.sign_in.known_hosts))
            client.connect(
                self.host,
                self.port,
                self.user,
                self.sign_in.password,
                key_filename=str(self.sign_in.key_file) if self.sign_in.key_file else None,
                timeout=CONNECT_SECONDS,
                banner_timeout=CONNECT_SECONDS,
                auth_timeout=CONNECT_SECONDS,
                allow_agent=False,
                look_for_keys=False,
            )
            with client.open_sftp() as session:
                session.get_channel().settimeout(SILENCE_SECONDS)
                yield session
        except (paramiko.SSHException, OSError) as error:
            raise FeedTargetRefused(
                f"sftp://{self.user}@{self.host}:{self.port} did not take the feeds: {error}",
                hint="check address, sign-in and known hosts, then: tradewind listings publish-feeds",
            ) from None
        finally:
            client.close()

    def _put(self, session: paramiko.SFTPClient, file: Path, target: PurePosixPath) -> str:
        for folder in reversed(target.parents):
            with suppress(OSError):  # it is there already; if it is not, putting the file says so
                session.mkdir(str(folder))
        scratch = str(target.with_name(f".{target.name}.part"))
        session.put(str(file), scratch)  # compares the sizes afterwards
        try:
            session.posix_rename(scratch, str(target))
        except OSError:
            # A server without this extension cannot replace a file in one step.
            with suppress(OSError):
                session.remove(str(target))
            session.rename(scratch, str(target))
        return str(target)


def target_of(text: str, sign_in: Callable[[], SignIn] = SignIn) -> FeedTarget:
    """The place that a setting or an option names: sftp://user@host:port/folder, or a folder; FeedTargetIsInvalid says what is missing."""
    address = urlsplit(text)
    if not address.scheme or "://" not in text:
        return FolderTarget(Path(text).expanduser())
    if address.scheme != "sftp" or not address.hostname or not address.username or address.password:
        raise FeedTargetIsInvalid(
            f"{_shown(address)} is no place for feeds", hint="write sftp://user@host:port/folder (no password in it), or a folder"
        )
    return SftpTarget(address.hostname, address.port or SFTP_PORT, unquote(address.username), unquote(address.path) or ".", sign_in())


def _shown(address: SplitResult) -> str:
    return f"{address.scheme}://{address.hostname or ''}{address.path}"
