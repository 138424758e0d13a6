"""`mimamori serve`: the dashboard."""

from pathlib import Path
from typing import Annotated

import typer

from mimamori.console import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, note, report
from vocabulary.errors import UsageError
from vocabulary.texts import text

Host = Annotated[str, typer.Option("--host", metavar="HOST", help=text("cli.host"))]
Port = Annotated[int, typer.Option("--port", metavar="PORT", help=text("cli.port"), min=1, max=65535)]
Names = Annotated[list[str] | None, typer.Option("--name", metavar="NAME", help=text("sign_in.option_name"))]
Certificate = Annotated[Path | None, typer.Option("--tls-cert", metavar="FILE", help=text("sign_in.option_tls_cert"))]
PrivateKey = Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help=text("sign_in.option_tls_key"))]
Proxies = Annotated[
    list[str] | None, typer.Option("--behind-proxy", metavar="ADDRESS", help=text("sign_in.option_behind_proxy"))
]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    name: Names = None,
    tls_cert: Certificate = None,
    tls_key: PrivateKey = None,
    behind_proxy: Proxies = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from pydantic import ValidationError

    from governance.serve_settings import ServeSettings

    try:
        asked = ServeSettings(
            names=tuple(name or ()), tls_cert=tls_cert, tls_key=tls_key, behind_proxy=tuple(behind_proxy or ())
        )
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        option = {"names": "--name", "behind_proxy": "--behind-proxy"}.get(field, field)
        raise UsageError("sign_in.option_malformed", option=option) from None
    start(workspace, host=host, port=port, asked=asked, as_json=as_json)


def start(
    workspace: Path, *, host: str = "127.0.0.1", port: int = 8000, asked: object = None, as_json: bool = False
) -> None:
    """Serve the dashboard of `workspace` until interrupted; `asked` is a `ServeSettings`."""
    import uvicorn

    from governance.serve_settings import ServeSettings
    from governance.workspace import Workspace
    from mimamori import serving

    opened = Workspace.open(workspace)
    wanted = asked if isinstance(asked, ServeSettings) else ServeSettings()
    terms = serving.terms(opened, wanted, host=host, port=port)
    with serving.listening(host, port) as listener:
        config = uvicorn.Config(serving.application(opened, terms), **serving.options(terms))
        config.load()
        if terms.behind_proxy:
            config.loaded_app = serving.FromProxyOnly(config.loaded_app, terms.behind_proxy)
        report({"url": terms.address}, [text("output.serving", url=terms.address)], as_json=as_json)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:  # the way to end it, as the line above says
            note(text("output.served"))
