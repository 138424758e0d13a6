"""`mimamori serve`: the dashboard."""

import errno
import ipaddress
import socket
from pathlib import Path
from typing import Annotated

import typer

from mimamori.console import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, note, report
from vocabulary.errors import RefusalError, UsageError
from vocabulary.texts import text

Host = Annotated[str, typer.Option("--host", metavar="HOST", help=text("cli.host"))]
Port = Annotated[int, typer.Option("--port", metavar="PORT", help=text("cli.port"), min=1, max=65535)]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    start(workspace, host=host, port=port, as_json=as_json)


def start(workspace: Path, *, host: str = "127.0.0.1", port: int = 8000, as_json: bool = False) -> None:
    """Serve the dashboard of `workspace` until interrupted."""
    import uvicorn

    from api.app import create_app
    from governance.workspace import Workspace

    if not _is_loopback(host):
        raise RefusalError("cli.loopback_only")
    opened = Workspace.open(workspace)
    with _listening(host, port) as listener:
        report({"url": f"http://{host}:{port}/"}, [text("output.serving", host=host, port=port)], as_json=as_json)
        server = uvicorn.Server(uvicorn.Config(create_app(opened), log_level="warning", server_header=False))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:  # the way to end it, as the line above says
            note(text("output.served"))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listening(host: str, port: int) -> socket.socket:
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
    listener.listen()  # so that the address answers from the moment it is printed
    return listener
