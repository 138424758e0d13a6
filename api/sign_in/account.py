"""One's own account: password, second factor, where one is signed in, and tokens for one's own programs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.frame.failures import PageRoute
from api.frame.pages import language_of, render, see
from api.frame.session import SESSION, NotSignedIn, cookie, session_of, set_cookie, signed_in, visitor
from api.sign_in.sign_in import Secret
from api.sign_in.sign_in_answers import said, waiting
from governance import access_tokens, accounts, sessions, sign_ins
from governance.access import Actor, scope_of
from governance.policy import Action, Scope, policy
from governance.runlog import Kind, entries
from governance.sessions import Session
from governance.workspace import Workspace
from vocabulary.errors import RefusalError, UsageError, WorkspaceError
from vocabulary.texts import text

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DONE = ("password", "second_factor", "session", "token")
"""What the page may say was done."""

BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@router.get("/account")
def own(request: Request, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """One's own account; where there are none yet, how the first is made."""
    workspace, actor = request.app.state.workspace, signed_in(request)
    if actor.role is None:
        return render(request, "account_none.html")
    session = session_of(request)
    return render(
        request,
        "account_own.html",
        role=getattr(policy().roles[actor.role].title, language_of(request)),
        task=getattr(policy().roles[actor.role].task, language_of(request)),
        sessions=[_shown(one, session) for one in sessions.sessions_of(workspace, actor.name)],
        tokens=len(access_tokens.holding(workspace, actor.name)),
        before=_last_sign_in(workspace, actor.name),
        done=text(f"sign_in.done_{done}", language=language_of(request)) if done in DONE else "",
    )


@router.get("/account/password")
def ask_password(request: Request) -> Response:
    """Ask for the old password and a new one."""
    _session(request)
    return _password_page(request)


@router.post("/account/password")
def take_password(request: Request, old: Secret = "", new: Secret = "", again: Secret = "") -> Response:
    """Take another password: every other session ends, and this one goes on under another token."""
    session, workspace = _session(request), request.app.state.workspace
    if new != again:
        return _password_page(request, {"again": text("sign_in.not_the_same", language=language_of(request))})
    try:
        token = sign_ins.change_password(workspace, session, old, new, visitor(request))
    except RefusalError as refused:
        return waiting(_password_page(request, {"old": said(request, refused)}), refused)
    except WorkspaceError as refused:
        field = "old" if refused.key == "sign_in.old_password_wrong" else "new"
        return _password_page(request, {field: said(request, refused)})
    answer = see("/account?done=password")
    set_cookie(request, answer, SESSION, token)
    return answer


@router.post("/account/sessions")
def end_sessions(request: Request, session: Annotated[str, Form(max_length=16)] = "") -> Response:
    """End one of one's own sessions, or all but this one."""
    here = _session(request)
    sessions.end_of_account(request.app.state.workspace, here.account, only=session or None, but=here.id)
    return see("/account?done=session")


@router.get("/account/tokens")
def list_tokens(request: Request) -> Response:
    """One's own tokens for programs, and the form for another."""
    _session(request)
    return _tokens_page(request, signed_in(request))


@router.post("/account/tokens")
def make_token(
    request: Request,
    title: Annotated[str, Form(max_length=200)] = "",
    days: Annotated[int, Form()] = 30,
    action: Annotated[list[Action] | None, Form()] = None,
) -> Response:
    """Make a token; it is shown once, here."""
    session, actor = _session(request), signed_in(request)
    try:
        made, shown = access_tokens.make(request.app.state.workspace, session.account, title, action or [], days)
    except WorkspaceError as refused:
        fields = {"sign_in.token_untitled": "title", "sign_in.token_days": "days"}
        errors = {fields.get(refused.key, "actions"): said(request, refused)}
        return _tokens_page(
            request, actor, errors=errors, typed={"title": title, "days": days, "actions": action or []}
        )
    return _tokens_page(request, actor, made=made, shown=shown)


@router.post("/account/tokens/end")
def end_token(request: Request, token: Annotated[str, Form(max_length=16)] = "") -> Response:
    """End one of one's own tokens."""
    access_tokens.end(request.app.state.workspace, _session(request).account, token)
    return see("/account?done=token")


def _session(request: Request) -> Session:
    """The session of a person, not of a program, whose account this is."""
    if signed_in(request).role is None:
        raise UsageError("sign_in.no_accounts")
    session = session_of(request)
    if session is None or cookie(request, SESSION) is None:
        raise NotSignedIn
    return session


def _password_page(request: Request, errors: dict[str, str] | None = None) -> Response:
    status, length = 422 if errors else 200, accounts.PASSWORD_LENGTH
    return render(request, "account_password.html", status=status, errors=errors or {}, length=length)


def _tokens_page(
    request: Request,
    actor: Actor,
    *,
    made: access_tokens.AccessToken | None = None,
    shown: str | None = None,
    errors: dict[str, str] | None = None,
    typed: dict[str, object] | None = None,
) -> Response:
    language, described = language_of(request), policy().actions
    titles = {one: getattr(described[one], language) for one in Action}
    return render(
        request,
        "account_tokens.html",
        status=422 if errors else 200,
        tokens=access_tokens.holding(request.app.state.workspace, actor.name),
        titles=titles,
        choices=[one for one in Action if scope_of(actor, one) is not Scope.NONE],
        longest=access_tokens.LONGEST_DAYS,
        made=made,
        shown=shown,
        errors=errors or {},
        typed=typed or {"title": "", "days": 30, "actions": []},
    )


def _shown(session: Session, here: Session | None) -> dict[str, object]:
    return {
        "id": session.id,
        "began": f"{session.began_at.astimezone():%Y-%m-%d %H:%M}",
        "seen": f"{session.seen_at.astimezone():%Y-%m-%d %H:%M}",
        "address": session.address,
        "browser": _browser(session.browser),
        "here": here is not None and session.id == here.id,
    }


def _browser(agent: str) -> str:
    """What a browser is called, of what it says of itself: its own name comes before those it pretends to be."""
    program = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (program, system) if part) or agent[:40] or "—"


def _last_sign_in(workspace: Workspace, account: str) -> dict[str, object] | None:
    """When the account signed in before this time, from where, and how often somebody failed since."""
    with workspace.reading() as connection:
        found = entries(connection, kinds=[Kind.SIGNED_IN, Kind.SIGN_IN_FAILED], subject=account)
    times = [entry for entry in found if entry.kind == Kind.SIGNED_IN]
    if len(times) < 2:
        return None
    before, last = times[-2], times[-1]
    failed = sum(
        int(one.content["failures"]) for one in found if one.kind == Kind.SIGN_IN_FAILED and one.seq > before.seq
    )
    return {
        "at": f"{datetime.fromisoformat(before.at).astimezone():%Y-%m-%d %H:%M}",
        "address": before.content.get("address", ""),
        "failures": failed + int(last.content.get("failures_before", 0)),
    }
