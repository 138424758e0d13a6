"""The accounts of all: who there is, in which role, who waits for a second person, and who is let in.

A one-time token is shown once, on the page that answers the form; it is kept nowhere and stands in no address.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from api.frame.failures import PageRoute
from api.frame.pages import language_of, render, see
from api.frame.permission import needs
from api.sign_in.sign_in import Name
from api.sign_in.sign_in_answers import said
from governance import account_roles, accounts
from governance.access import Actor, allowed
from governance.account_state import Role
from governance.accounts import Account, Invitation
from governance.policy import Action, policy
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.texts import text

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_ACCOUNTS))]
Manager = Annotated[Actor, Depends(needs(Action.MANAGE_ACCOUNTS))]
Confirmer = Annotated[Actor, Depends(needs(Action.CONFIRM_ACCOUNT))]
Chosen = Annotated[Role, Form()]
Schools = Annotated[str, Form(max_length=2000)]


@router.get("/accounts")
def list_accounts(request: Request, actor: Viewer, done: str = "") -> Response:
    """Every account, and for who manages them the forms."""
    return _page(request, actor, done=done if done in ("role", "schools", "disabled") else "")


@router.post("/accounts")
def add(
    request: Request, actor: Manager, name: Name = "", role: Chosen = Role.SUPPORT_WORKER, schools: Schools = ""
) -> Response:
    """Make an account; its token is shown once, or that it waits for a second person."""
    typed = {"name": name, "role": role.value, "schools": schools}
    try:
        made = accounts.add(_workspace(request), name.strip(), role, actor=actor.name, schools=schools.split())
    except WorkspaceError as refused:
        field = "schools" if refused.key == "account.schools_of_a_school" else "name"
        return _page(request, actor, typed=typed, errors={field: said(request, refused)})
    return _invited(request, made)


@router.post("/accounts/invite")
def invite(request: Request, actor: Manager, name: Name = "") -> Response:
    """Give an account a new token: its password, second factor and sessions end."""
    try:
        made = accounts.invite(_workspace(request), name, actor=actor.name)
    except WorkspaceError as refused:
        return _one_page(request, name, errors={"account": said(request, refused)})
    return _invited(request, made)


@router.post("/accounts/confirm")
def confirm(request: Request, actor: Confirmer, name: Name = "") -> Response:
    """Confirm, as the second person, an account or a role that was asked for."""
    try:
        made = account_roles.confirm(_workspace(request), name, actor=actor.name)
    except WorkspaceError as refused:
        return _page(request, actor, errors={"accounts": said(request, refused)})
    return see("/accounts?done=role") if made.token is None else _invited(request, made)


@router.post("/accounts/disable")
def disable(request: Request, actor: Manager, name: Name = "") -> Response:
    """End an account's access; its sessions end by that."""
    try:
        accounts.disable(_workspace(request), name, actor=actor.name)
    except WorkspaceError as refused:
        return _one_page(request, name, errors={"account": said(request, refused)})
    return see("/accounts?done=disabled")


@router.get("/accounts/one")
def one(request: Request, actor: Manager, name: str = "") -> Response:
    """One account: its role, its schools, a new invitation, its end."""
    return _one_page(request, name)


@router.post("/accounts/role")
def set_role(request: Request, actor: Manager, role: Chosen, name: Name = "", schools: Schools = "") -> Response:
    """Change an account's role, or ask for one that two give."""
    try:
        account_roles.set_role(_workspace(request), name, role, actor=actor.name, schools=schools.split())
    except WorkspaceError as refused:
        return _one_page(request, name, errors={"role": said(request, refused)})
    return see("/accounts?done=role")


@router.post("/accounts/schools")
def set_schools(request: Request, actor: Manager, name: Name = "", schools: Schools = "") -> Response:
    """Say anew which schools a school's account is of."""
    try:
        account_roles.set_schools(_workspace(request), name, schools.split(), actor=actor.name)
    except WorkspaceError as refused:
        return _one_page(request, name, errors={"schools": said(request, refused)})
    return see("/accounts?done=schools")


def _workspace(request: Request) -> Workspace:
    workspace: Workspace = request.app.state.workspace
    return workspace


def _roles(request: Request) -> dict[str, Any]:
    """Every role with its task, and its title by itself, in the page's language."""
    language, described = language_of(request), policy().roles
    titles = {role: getattr(described[role].title, language) for role in Role}
    tasks = {role: getattr(described[role].task, language) for role in Role}
    return {
        "titles": titles,
        "roles": [{"value": role.value, "title": titles[role], "task": tasks[role]} for role in Role],
    }


def _page(
    request: Request,
    actor: Actor,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    workspace = _workspace(request)
    return render(
        request,
        "accounts.html",
        status=409 if errors else 200,
        accounts=accounts.list_accounts(workspace),
        **_roles(request),
        may_manage=allowed(workspace, actor, Action.MANAGE_ACCOUNTS),
        may_confirm=allowed(workspace, actor, Action.CONFIRM_ACCOUNT) and actor.role is not None,
        typed=typed or {"name": "", "role": "", "schools": ""},
        errors=errors or {},
        done=done and text(f"sign_in.done_{done}", language=language_of(request)),
    )


def _one_page(request: Request, name: str, *, errors: dict[str, str] | None = None) -> Response:
    found = {account.name: account for account in accounts.list_accounts(_workspace(request))}
    account: Account | None = found.get(name)
    if account is None:
        raise WorkspaceError("account.absent", name=name)
    status = 409 if errors else 200
    return render(request, "account_one.html", status=status, account=account, errors=errors or {}, **_roles(request))


def _invited(request: Request, made: Invitation) -> Response:
    expires = "" if made.expires is None else f"{made.expires.astimezone():%Y-%m-%d %H:%M}"
    values = {"account": made.account, "token": made.token, "expires": expires, **_roles(request)}
    return render(request, "account_invited.html", **values)
