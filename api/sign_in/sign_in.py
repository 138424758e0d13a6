"""Signing in by password, signing out, and taking a first password: open to who is not signed in."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.frame.failures import PageRoute
from api.frame.pages import language_of, render, see
from api.frame.session import SESSION, SIGN_IN, cookie, drop_cookie, in_use, own_path, session_of, visitor
from api.sign_in.sign_in_answers import said, sign_in_page, to_second, waiting
from governance import accounts, passwords, sessions, sign_ins
from governance.workspace import Workspace
from vocabulary.errors import RefusalError, WorkspaceError
from vocabulary.texts import text

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Name = Annotated[str, Form(max_length=64)]
Secret = Annotated[str, Form(max_length=passwords.LONGEST * 2)]
Back = Annotated[str, Form(max_length=2000)]


@router.get(SIGN_IN)
def sign_in(request: Request, to: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Ask who it is; lead on who is signed in already, or where nobody has to be."""
    if not in_use(request) or session_of(request) is not None:
        return see(own_path(to))
    return sign_in_page(request, to=own_path(to))


@router.post(SIGN_IN)
def by_password(request: Request, name: Name = "", password: Secret = "", to: Back = "/") -> Response:
    """Take name and password; on to the second factor."""
    back = own_path(to)
    try:
        token = sign_ins.by_password(request.app.state.workspace, name.strip(), password, visitor(request))
    except RefusalError as refused:
        page = sign_in_page(request, to=back, name=name, errors={"name": said(request, refused)})
        return waiting(page, refused)
    if token is None:
        wrong = text("sign_in.wrong", language=language_of(request))
        return sign_in_page(request, to=back, name=name, errors={"name": wrong}, status=401)
    return to_second(request, token, back)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session of this browser."""
    token = cookie(request, SESSION)
    if token:
        sessions.sign_out(request.app.state.workspace, token)
    answer = see(SIGN_IN)
    drop_cookie(request, answer, SESSION)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/set-up")
@router.get("/set-up/{name}")
def set_up(request: Request, name: str = "") -> Response:
    """Ask for the one-time token and a password; the token stands in no address."""
    return render(request, "sign_set_up.html", name=name, errors={}, length=accounts.PASSWORD_LENGTH)


@router.post("/set-up")
def take_password(
    request: Request, name: Name = "", token: Secret = "", password: Secret = "", again: Secret = ""
) -> Response:
    """Set the password of an account by its token."""
    workspace: Workspace = request.app.state.workspace
    errors, status, wait = {}, 422, None
    if password != again:
        errors = {"again": text("sign_in.not_the_same", language=language_of(request))}
    else:
        try:
            sign_ins.set_up(workspace, name.strip(), token.strip(), password, visitor(request))
            return sign_in_page(
                request, to="/", name=name, done=text("sign_in.set_up_done", language=language_of(request))
            )
        except RefusalError as refused:
            errors, status, wait = {"token": said(request, refused)}, 429, refused
        except WorkspaceError as refused:
            field = "token" if refused.key == "account.token_refused" else "password"
            errors = {field: said(request, refused)}
    length = accounts.PASSWORD_LENGTH
    page = render(request, "sign_set_up.html", status=status, name=name, errors=errors, length=length)
    return page if wait is None else waiting(page, wait)
