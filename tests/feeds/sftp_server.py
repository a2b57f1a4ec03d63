"""A real SFTP server on loopback over a folder, made of paramiko's own server side."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko

USER, PASSWORD = "feeds", "correct horse"


@dataclass(frozen=True)
class Served:
    """A server that answers on `port`; `known_hosts` is a line with its key."""

    port: int
    folder: Path
    known_hosts: str


class _SignIn(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class _File(paramiko.SFTPHandle):
    def stat(self) -> paramiko.SFTPAttributes | int:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Folder(paramiko.SFTPServerInterface):
    root: Path
    replaces: bool

    def _at(self, path: str) -> Path:
        return self.root / self.canonicalize(path).lstrip("/")

    def _done(self, change: object) -> int:
        try:
            change()  # type: ignore[operator]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            file = os.fdopen(os.open(self._at(path), flags, 0o644), "r+b" if flags & os.O_RDWR else "wb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = _File(flags)
        handle.readfile = handle.writefile = file
        return handle

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return self._done(lambda: self._at(path).mkdir())

    def remove(self, path: str) -> int:
        return self._done(lambda: self._at(path).unlink())

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._at(newpath).exists():  # as the protocol wants it
            return paramiko.SFTP_FAILURE
        return self._done(lambda: self._at(oldpath).rename(self._at(newpath)))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if not self.replaces:
            return paramiko.SFTP_OP_UNSUPPORTED
        return self._done(lambda: self._at(oldpath).replace(self._at(newpath)))


@contextmanager
def an_sftp_server(folder: Path, *, replaces: bool = True) -> Iterator[Served]:
    """Serves `folder` until the block ends; without `replaces` it lacks the extension that replaces a file in one step."""
    key = paramiko.ECDSAKey.generate()
    kind = type("Folder", (_Folder,), {"root": folder, "replaces": replaces})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(listener, key, kind), daemon=True)
        thread.start()
        yield Served(port, folder, f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n")
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _accept(listener: socket.socket, key: paramiko.PKey, kind: type[paramiko.SFTPServerInterface]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            transport = paramiko.Transport(connection)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, kind)
            with suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=_SignIn())
