"""`mimamori backup` and `mimamori restore`: a workspace copied while it is in use, and made again from the copy."""

from pathlib import Path
from typing import Annotated

import typer

from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, report
from vocabulary.texts import text


def backup(
    out: Annotated[Path, typer.Argument(metavar="OUT", help=text("backup.out"))],
    keys: Annotated[Path | None, typer.Option("--keys", metavar="FILE", help=text("backup.keys_out"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import backup as making
    from governance.policy import Action
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    made = making.backup(opened, out, keys=keys, actor=acting(opened, account, Action.BACK_UP))
    lines = [text("backup.made", folder=made.folder, entries=made.entries, files=made.files)]
    if made.keys is None:
        lines.append(text("backup.without_keys"))
    else:
        lines.append(text("backup.keys_made", file=made.keys))
        lines += [text("backup.key_left_out", name=name) for name in made.keys_left_out]
    report(vars(made), lines, as_json=as_json)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help=text("backup.folder"))],
    keys: Annotated[Path | None, typer.Option("--keys", metavar="FILE", help=text("backup.keys_in"))] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.restoring import restore as make_again
    from governance.workspace import current_user

    made = make_again(folder, workspace, keys=keys, actor=current_user())
    lines = [text("backup.restored", workspace=made.workspace, made=made.made, entries=made.entries)]
    lines += [text("backup.key_missing", name=name) for name in made.missing_keys]
    lines += [text("backup.then")] if made.logged else [text("backup.not_logged"), text("backup.then")]
    report(vars(made), lines, as_json=as_json)
