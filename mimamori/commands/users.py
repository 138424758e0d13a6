"""`mimamori users`: accounts."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.account_state import Role
from governance.actions import Action
from mimamori.accounts import acting, new_password
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, report
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.accounts import Account, Invitation

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help=text("cli.users_name"))]

RoleOption = Annotated[Role, typer.Option("--role", metavar="ROLE", help=text("cli.users_role"))]

SchoolOption = Annotated[list[str] | None, typer.Option("--school", metavar="CODE", help=text("account.help_school"))]


@app.command("add", cls=HelpCommand, help=text("cli.users_add"))
def add(
    name: Name,
    role: RoleOption,
    school: SchoolOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import accounts
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.MANAGE_ACCOUNTS)
    invitation = accounts.add(opened, name, role, actor=actor, schools=school or ())
    _report_invitation(invitation, "output.account_added", as_json=as_json)


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
    invitation = accounts.invite(opened, name, actor=acting(opened, account, Action.MANAGE_ACCOUNTS))
    _report_invitation(invitation, "account.invited", as_json=as_json)


@app.command("confirm", cls=HelpCommand, help=text("account.help_confirm"))
def confirm(
    name: Name,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import account_roles
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    confirmed = account_roles.confirm(opened, name, actor=acting(opened, account, Action.CONFIRM_ACCOUNT))
    _report_invitation(confirmed, "account.invited" if confirmed.token else "account.confirmed", as_json=as_json)


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
def list_(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance import accounts
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    acting(opened, account, Action.VIEW_ACCOUNTS)
    described = [_described(one) for one in accounts.list_accounts(opened)]
    lines = ["\t".join(str(value) for value in one.values() if value) for one in described]
    report(described, lines or [text("output.none")], as_json=as_json)


@app.command("role", cls=HelpCommand, help=text("cli.users_set_role"))
def set_role(
    name: Name,
    role: RoleOption,
    school: SchoolOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import account_roles
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.MANAGE_ACCOUNTS)
    changed = account_roles.set_role(opened, name, role, actor=actor, schools=school or ())
    told = "account.requested" if changed.wanted_role else "account.role_set"
    report(_described(changed), [text(told, name=name, role=str(role))], as_json=as_json)


@app.command("set-schools", cls=HelpCommand, help=text("account.help_set_schools"))
def set_schools(
    name: Name,
    school: SchoolOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import account_roles
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.MANAGE_ACCOUNTS)
    changed = account_roles.set_schools(opened, name, school or (), actor=actor)
    codes = ", ".join(sorted(changed.schools))
    report(_described(changed), [text("account.schools_set", name=name, schools=codes)], as_json=as_json)


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
    accounts.disable(opened, name, actor=acting(opened, account, Action.MANAGE_ACCOUNTS))
    report({"name": name}, [text("output.account_disabled", name=name)], as_json=as_json)


def _report_invitation(invitation: "Invitation", told: str, *, as_json: bool) -> None:
    """Print an account with its token, or that it waits for a second person."""
    result: dict[str, Any] = {
        "name": invitation.account.name,
        "role": str(invitation.account.role),
        "token": invitation.token,
        "expires": invitation.expires,
    }
    waits = invitation.account.wanted_role is not None
    report(result, [text("account.requested" if waits else told, **result)], as_json=as_json)


def _described(account: "Account") -> dict[str, Any]:
    return {
        "name": account.name,
        "role": str(account.role),
        "state": str(account.state),
        "schools": ", ".join(sorted(account.schools)),
        "wanted_role": None if account.wanted_role is None else str(account.wanted_role),
    }
