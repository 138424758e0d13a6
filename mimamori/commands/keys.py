"""`mimamori keys`: which keys there are and how they lie, replaced and wrapped anew; none is ever shown."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from governance.actions import Action
from mimamori.accounts import acting, opened_for
from mimamori.console import (
    DEFAULT_WORKSPACE,
    AccountOption,
    JsonOption,
    WorkspaceOption,
    columns,
    report,
)
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.errors import UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.custody import Custody

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=text("custody.help_name"))]


@app.command("status", cls=HelpCommand, help=text("custody.help_status"))
def status(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance.custody import NAMES

    custody = opened_for(workspace, account, Action.ROTATE_KEYS).custody
    found = [_state(custody, name) for name in NAMES]
    headers = [text(f"custody.status_{name}") for name in ("key", "method", "id", "changed", "opens")]
    lines = columns(
        headers, [[str(one[field]) for field in ("name", "method", "id", "file_of", "opens")] for one in found]
    )
    for one in found:
        if one["unfinished"]:
            lines.append(text("custody.status_unfinished", name=one["name"]))
        elif one["id"] != "-" and one["method"] != one["settings"]:
            lines.append(text("custody.status_other_method", name=one["name"], method=one["method"]))
    report(found, lines, as_json=as_json)


@app.command("rotate", cls=HelpCommand, help=text("custody.help_rotate"))
def rotate(
    name: NameArgument,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import rotation
    from governance.workspace import Workspace

    _require_known(name)
    opened = Workspace.open(workspace)
    made = rotation.rotate(opened, name, actor=acting(opened, account, Action.ROTATE_KEYS))
    report(vars(made), [text("custody.rotated", **vars(made))], as_json=as_json)


@app.command("rewrap", cls=HelpCommand, help=text("custody.help_rewrap"))
def rewrap(
    name: NameArgument,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import rotation
    from governance.workspace import Workspace

    _require_known(name)
    opened = Workspace.open(workspace)
    rotation.rewrap(opened, name, actor=acting(opened, account, Action.ROTATE_KEYS))
    method = opened.custody.keeper(name).method.value
    report({"name": name, "method": method}, [text("custody.rewrapped", name=name, method=method)], as_json=as_json)


def _state(custody: "Custody", name: str) -> dict[str, object]:
    """What can be told of a key without opening it; a key that lies elsewhere may not be there."""
    from governance.wrapping import described

    file = custody.file(name)
    state: dict[str, object] = {"name": name, "settings": custody.keeper(name).method.value}
    state |= {"opens": text(f"custody.opens_{name}"), "unfinished": custody.following(name).exists()}
    if not file.exists():
        return state | {"method": text("custody.status_missing", file=file), "id": "-", "file_of": "-"}
    method, identifier = described(file)
    changed = datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
    return state | {"method": method.value, "id": identifier, "file_of": changed.isoformat()}


def _require_known(name: str) -> None:
    from governance.custody import NAMES

    if name not in NAMES:
        raise UsageError("custody.no_such_key", name=name)
