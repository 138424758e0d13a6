"""Serving the dashboard: to whom it may be offered, over what, and the application with all that its pages need.

Where no account was ever made, the person at the machine acts alone; so it is offered to this machine only. Beyond it,
accounts are needed, the names under which it is reached, and TLS: by files of its own, or by a proxy in front of it.
"""

import errno
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.app import create_app
from api.frame.guard import LOCAL_NAMES
from api.services import Services
from governance.accounts import accounts_in_use
from governance.serve_settings import ServeSettings
from mimamori.patience import PatientProtocol
from mimamori.serving_find import find_children
from mimamori.serving_papers import oversight
from mimamori.serving_reviews import Reviews
from mimamori.serving_runs import Operations
from vocabulary.errors import RefusalError, UsageError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from governance.workspace import Workspace

AT_ONCE = 200
"""Requests that are answered at once; beyond that the answer is 503."""


@dataclass(frozen=True)
class Terms:
    """On what terms the dashboard is served, once they were found sound."""

    host: str
    port: int
    names: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.tls_cert is not None or bool(self.behind_proxy)

    @property
    def address(self) -> str:
        """What to open in a browser; behind a proxy, the first of the names."""
        scheme = "https" if self.secure else "http"
        if self.behind_proxy:
            return f"{scheme}://{self.names[0]}/"
        named = self.names[0] if self.names else f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{named}:{self.port}/"


def terms(workspace: "Workspace", asked: ServeSettings, *, host: str, port: int) -> Terms:
    """Terms on which it may be served: what was asked on the command line, and else what the settings say.

    Raises
    ------
    RefusalError
        Beyond this machine it needs accounts, TLS files or a proxy, and names.
    UsageError
        One of the TLS files is not there, or only one is named.
    """
    held = workspace.settings.serve
    found = Terms(
        host=host,
        port=port,
        names=tuple(name.lower() for name in (*asked.names, *held.names)),
        tls_cert=_file(workspace, asked.tls_cert or held.tls_cert),
        tls_key=_file(workspace, asked.tls_key or held.tls_key),
        behind_proxy=asked.behind_proxy or held.behind_proxy,
    )
    if (found.tls_cert is None) != (found.tls_key is None):
        raise UsageError("sign_in.tls_half")
    beyond = not is_loopback(host) or bool(found.behind_proxy)
    if beyond:
        with workspace.reading() as connection:
            staffed = accounts_in_use(connection)
        if not staffed:
            raise RefusalError("sign_in.no_accounts_beyond")
        if not found.secure:
            raise RefusalError("sign_in.no_tls_beyond")
        if not found.names:
            raise RefusalError("sign_in.no_names_beyond")
    return found


def application(workspace: "Workspace", found: Terms) -> "FastAPI":
    """The application with what its pages need of the rest of the system."""
    services = Services(
        link_reviews=Reviews(workspace),
        operating=Operations(workspace),
        oversight=oversight(),
        find_children=find_children,
    )
    names = {*found.names, *(LOCAL_NAMES if is_loopback(found.host) and not found.behind_proxy else ())}
    return create_app(workspace, services, names=names, secure=found.secure)


def options(found: Terms) -> dict[str, Any]:
    """What the server is told: TLS files, and whose X-Forwarded-* it believes, which is nobody's unless named."""
    chosen: dict[str, Any] = {
        "http": PatientProtocol,
        "ws": "none",
        "log_level": "warning",
        "access_log": False,  # what is seen is in the run log; addresses name children's ids
        "server_header": False,
        "lifespan": "off",
        "limit_concurrency": AT_ONCE,
        "proxy_headers": bool(found.behind_proxy),
        "forwarded_allow_ips": list(found.behind_proxy),
    }
    if found.tls_cert is not None:
        chosen |= {"ssl_certfile": found.tls_cert, "ssl_keyfile": found.tls_key}
    return chosen


class FromProxyOnly:
    """Answers nobody but the proxies that are named: whoever reaches the port by another way is turned away.

    It stands before the proxy's headers are believed, so it sees who really asks.
    """

    def __init__(self, answer: Any, networks: Sequence[str]) -> None:
        self._answer = answer
        self._networks = [ipaddress.ip_network(one) for one in networks]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As any ASGI application."""
        if scope["type"] == "http" and not self._trusted(scope):
            headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 421, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._answer(scope, receive, send)

    def _trusted(self, scope: Any) -> bool:
        client = scope.get("client")
        address = ipaddress.ip_address(client[0]) if client else None
        return address is not None and any(address in network for network in self._networks)


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listening(host: str, port: int) -> socket.socket:
    """A socket that answers from now on.

    Raises
    ------
    UsageError
        The port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError("cli.port_taken", host=host, port=port) from None
        raise
    listener.listen(128)
    return listener


def _file(workspace: "Workspace", named: Path | None) -> Path | None:
    """A file of TLS; from the workspace's folder where the name does not say where."""
    if named is None:
        return None
    file = named if named.is_absolute() or named.is_file() else workspace.path / named
    if not file.is_file():
        raise UsageError("sign_in.tls_file_absent", file=named)
    return file
