"""`docs/routes.md`: every address of the dashboard with the action it asks for, made from the application itself.

`python -m mimamori.routes_page` prints it.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.app import create_app
from api.frame.permission import OPEN, actions_of
from governance.policy import Action
from governance.workspace import Workspace

LEAD = """\
# 画面とAPIのアドレス / Addresses of pages and API

このページは`python -m mimamori.routes_page > docs/routes.md`で作られる。どのアドレスも、答える前に右の「こと」が
その役割に認められているかを確かめる(だれに認められるかは`docs/roles.md`)。認められなければ403で断り、実行記録簿に残す。

Made by `python -m mimamori.routes_page > docs/routes.md`. Before it answers, each address asks whether the action
beside it is granted to the role of who asks (`docs/roles.md` says to whom); if not, the answer is 403 and the log has
the refusal. `tests/unit/api/test_sweep.py` tries every address as every role.
"""


@dataclass(frozen=True, order=True)
class Listed:
    """A route: its address, its method, and the actions that it needs; none where it is in `OPEN`."""

    path: str
    method: str
    actions: tuple[Action, ...]


def routes(app: FastAPI) -> list[Listed]:
    """Every route of an application, also those of included routers."""
    return sorted(
        Listed(one.path, method, tuple(actions_of(one.dependant)))
        for one in iter_route_contexts(app.routes)
        if one.path is not None
        for method in (one.methods or set()) - {"HEAD"}
    )


def routes_page() -> str:
    """The page as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        listed = routes(create_app(workspace))
        workspace.engine.dispose()
    asking = [f"| {one.method} | `{one.path}` | {_said(one)} |" for one in listed if one.actions]
    without = [f"| {one.method} | `{one.path}` | {OPEN[one.path]} |" for one in listed if not one.actions]
    head = ["## ことを確かめるもの / Those that ask", "", "| | アドレス / address | こと / action |", "|---|---|---|"]
    open_head = [
        "",
        "## 確かめないもの / Those that do not",
        "",
        "| | アドレス / address | 理由 / why |",
        "|---|---|---|",
    ]
    return "\n".join([LEAD, *head, *asking, *open_head, *without]) + "\n"


def _said(listed: Listed) -> str:
    return ", ".join(f"`{action}`" for action in listed.actions)


if __name__ == "__main__":
    print(routes_page(), end="")  # noqa: T201 - a page for a file
