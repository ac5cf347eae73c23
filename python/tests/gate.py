"""A way to a server that can be closed, and that can stop what goes through it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Callable
from urllib.parse import urlsplit


class Gate:
    """Forwards connections to a server of HTTP on loopback.

    ```python
    with Gate(server("s3")) as gate:
        store = store_on("s3", endpoint=gate.endpoint)
        gate.close()  # The server is gone.
        gate.open()
    ```
    """

    def __init__(self, endpoint: str) -> None:
        """Takes the server."""
        parts = urlsplit(endpoint)
        self._server = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._is_open = True
        self._sockets: list[socket.socket] = []
        self._forwarding: list[threading.Thread] = []
        self._swallow: tuple[bytes, Callable[[], object]] | None = None
        self._is_ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ended = True
        self.close()
        self._listener.close()
        for thread in self._forwarding:
            thread.join()
        for each in self._sockets:
            each.close()

    def close(self) -> None:
        """Cuts all connections, and accepts none."""
        self._is_open = False
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def open(self) -> None:
        """Lets connections through again."""
        self._swallow = None
        self._is_open = True

    def swallow(self, text: bytes, then: Callable[[], object]) -> None:
        """Forwards nothing more on a connection once a request has this text. It stays open, and nobody answers."""
        self._swallow = (text, then)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_ended or not self._is_open:
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            for way in ((client, server, True), (server, client, False)):
                thread = threading.Thread(target=self._forward, args=way, daemon=True)
                thread.start()
                self._forwarding.append(thread)

    def _forward(self, source: socket.socket, target: socket.socket, is_request: bool) -> None:
        seen = b""
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if is_request and self._swallow is not None:
                    text, then = self._swallow
                    seen += data
                    if text in seen:
                        self._swallow = None
                        then()
                        return  # The sockets stay open.
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
