"""Ask and tell over HTTP, so that a microscope's computer, in any language, or a person with curl can take part.

    POST /ask   {"n": 1}                            -> {"points": [{"number": 0, "point": [12, 7]}], "stopped": null}
    POST /tell  {"point": [12, 7], "values": [...]} -> {"told": 1, "values": [0.31], "errors": [null]}
    GET /status                                     -> {"evaluations": 12, "best": {...}, ...}
    POST /stop                                      -> the same

Each request carries `Authorization: Bearer TOKEN`. Answers are JSON; what cannot be understood is answered by 400 and
`{"error": "Expected ... Got ... Try ..."}`. There is no encryption: on any address but this machine's own, put a tunnel
in between.
"""

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from latscape.errors import InputError, LatscapeError
from latscape.lab.ask_tell import AskTellSession

LARGEST = 64 * 2**20  # bytes of a request: a diffraction pattern of 1,000 x 1,000 numbers fits
PATIENCE = 30.0  # seconds a connection may be silent


class Server:
    """A desk behind an address, such as "http://127.0.0.1:8765", in a thread of its own; made by `serve`."""

    def __init__(self, desk: AskTellSession, host: str, port: int, token: str) -> None:
        self.token = token  # what requests must carry
        try:
            self._server = ThreadingHTTPServer((host, port), _handler(desk, token))
        except OSError as error:
            raise InputError("an address that is free", f"{host}:{port} ({error.strerror})", "another port") from error
        self._server.daemon_threads = True
        self.address = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True, name="latscape-desk")
        self._thread.start()

    def close(self) -> None:
        """Take no more requests."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def serve(desk: AskTellSession, port: int = 0, host: str = "127.0.0.1", token: str | None = None) -> Server:
    """Open the desk to others.

    Parameters
    ----------
    port
        Where; 0 (default) takes one that is free.
    host
        Default: this machine alone. "0.0.0.0" is all who can reach it.
    token
        What requests must carry; default: a new random one.

    Raises
    ------
    InputError
        If there is no such port, the address is taken, or a token is shorter than 8 characters.
    """
    if token is not None and (len(token) < 8 or not token.isascii()):
        raise InputError("a token of at least 8 plain characters", f"{len(token)}", "none, for a random one")
    return Server(desk, host, checked_port(port), token or secrets.token_urlsafe(24))


def checked_port(port: int) -> int:
    """A port that can be; InputError for any other."""
    if not 0 <= port <= 65535:
        raise InputError("a port from 0 to 65535", port, "8765")
    return port


def _handler(desk: AskTellSession, token: str) -> type[BaseHTTPRequestHandler]:
    routes: dict[tuple[str, str], Callable[[Any], dict[str, Any]]] = {
        ("POST", "/ask"): desk.ask,
        ("POST", "/tell"): desk.tell,
        ("GET", "/status"): desk.status,
        ("POST", "/stop"): desk.stop,
    }

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version, sys_version = "latscape", ""

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            try:
                status, found = self._work(method)
            except LatscapeError as error:
                status, found = HTTPStatus.BAD_REQUEST, {"error": str(error)}
            except Exception as error:  # a fault of ours must not end the experiment
                status, found = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": f"{type(error).__name__}: {error}"}
            body = json.dumps(found, allow_nan=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _work(self, method: str) -> tuple[HTTPStatus, dict[str, Any]]:
            given = self.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode("latin-1", "replace"), f"Bearer {token}".encode()):
                self.close_connection = True  # what it wanted to send is not read
                return HTTPStatus.UNAUTHORIZED, {"error": "Authorization: Bearer TOKEN is missing or wrong"}
            route = routes.get((method, self.path))
            if route is None:
                known = ", ".join(" ".join(one) for one in routes)
                return HTTPStatus.NOT_FOUND, {"error": f"{method} {self.path} is none of {known}"}
            return HTTPStatus.OK, route(self._message() if method == "POST" else {})

        def _message(self) -> Any:
            length = self.headers.get("Content-Length", "0")
            if not length.isdecimal() or int(length) > LARGEST:
                self.close_connection = True
                got = f"Content-Length {length[:20]}"
                raise InputError(f"a body of at most {LARGEST} bytes", got, "one measurement")
            try:
                message = json.loads(self.rfile.read(int(length)) or b"{}")
            except ValueError as error:
                raise InputError("a body in JSON", " ".join(str(error).split()), '{"n": 1}') from error
            if not isinstance(message, dict):
                raise InputError("a JSON object", type(message).__name__, '{"n": 1}')
            return message

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the terminal shows the experiment."""

    return Handler
