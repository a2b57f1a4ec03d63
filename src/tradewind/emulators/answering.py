"""A loopback server that answers JSON: what every stand-in on the wire needs around its provider."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

MAX_BODY_BYTES = 1_000_000
_POLL_SECONDS = 0.02
_STOP_SECONDS = 5

Told: TypeAlias = tuple[int, Any] | tuple[int, Any, Mapping[str, str]] | None
Answer = Callable[[str, str, Mapping[str, str], str], Told]
"""(method, path, headers, body) becomes a status, JSON, and headers where some are needed; None closes the connection unanswered."""


@contextmanager
def serve_json(answer: Answer) -> Iterator[str]:
    """Answers GET and POST on a free loopback port while the block runs; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            length = min(int(self.headers.get("Content-Length", "0")), MAX_BODY_BYTES)
            answered = answer(method, self.path, dict(self.headers), self.rfile.read(length).decode())
            if answered is None:
                self.close_connection = True
                return
            content = json.dumps(answered[1]).encode()
            self.send_response(answered[0])
            self.send_header("Content-Type", "application/json")
            for name, value in answered[2].items() if len(answered) == 3 else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked may have given up waiting
                self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Silent: a stand-in prints nothing into a test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_STOP_SECONDS)
