"""`mimamori users`: accounts."""

from typing import Annotated, Any

import typer

from governance.account_state import Role
from mimamori.accounts import acting, new_password
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, report
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.texts import text

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help=text("cli.users_name"))]

RoleOption = Annotated[Role, typer.Option("--role", metavar="ROLE", help=text("cli.users_role"))]


@app.command("add", cls=HelpCommand, help=text("cli.users_add"))
def add(
    name: Name,
    role: RoleOption,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import accounts
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    invitation = accounts.add(opened, name, role, actor=acting(opened, account))
    result: dict[str, Any] = {"name": name, "role": str(role), "token": invitation.token, "expires": invitation.expires}
    report(result, [text("output.account_added", **result)], as_json=as_json)


@app.command("invite", cls=HelpCommand, help=text("cli.users_invite"))
def invite(
    name: Name,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import accounts
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    invitation = accounts.invite(opened, name, actor=acting(opened, account))
    result: dict[str, Any] = {"name": name, "token": invitation.token, "expires": invitation.expires}
    report(result, [text("account.invited", **result)], as_json=as_json)


@app.command("activate", cls=HelpCommand, help=text("cli.users_activate"))
def activate(
    name: Name,
    token: Annotated[str, typer.Option("--token", metavar="TOKEN", help=text("cli.users_token"))],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import accounts
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    accounts.set_password(opened, name, token, new_password(name))
    report({"name": name}, [text("output.account_activated", name=name)], as_json=as_json)


@app.command("list", cls=HelpCommand, help=text("cli.users_list"))
def list_(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance import accounts
    from governance.workspace import Workspace

    found = accounts.list_accounts(Workspace.open(workspace))
    described = [{"name": one.name, "role": str(one.role), "state": str(one.state)} for one in found]
    lines = ["\t".join(one.values()) for one in described]
    report(described, lines or [text("output.none")], as_json=as_json)


@app.command("role", cls=HelpCommand, help=text("cli.users_set_role"))
def set_role(
    name: Name,
    role: RoleOption,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import accounts
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    accounts.set_role(opened, name, role, actor=acting(opened, account))
    result: dict[str, Any] = {"name": name, "role": str(role)}
    report(result, [text("account.role_set", **result)], as_json=as_json)


@app.command("disable", cls=HelpCommand, help=text("cli.users_disable"))
def disable(
    name: Name,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import accounts
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    accounts.disable(opened, name, actor=acting(opened, account))
    report({"name": name}, [text("output.account_disabled", name=name)], as_json=as_json)
