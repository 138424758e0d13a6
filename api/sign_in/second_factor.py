"""The second factor: asked for on the way in, set on the first way in, and set anew by who is signed in."""

from typing import Annotated
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Form, Query, Request, Response
from markupsafe import Markup

from api.frame.failures import PageRoute
from api.frame.pages import language_of, render, see
from api.frame.session import SESSION, NotSignedIn, cookie, own_path, session_of, signed_in, visitor
from api.sign_in.sign_in import Back, Secret
from api.sign_in.sign_in_answers import said, sign_in_page, waiting, welcome
from governance import second_factors, sign_ins
from governance.sessions import Session
from governance.workspace import Workspace
from vocabulary.errors import RefusalError, WorkspaceError
from vocabulary.texts import text

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Code = Annotated[str, Form(max_length=32)]
QR_SCALE = 5


@router.get("/sign-in/second")
def second(request: Request, to: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Ask for the second factor, or show how to set it where there is none yet."""
    return _second_page(request, to=own_path(to))


@router.post("/sign-in/second")
def by_code(request: Request, code: Code = "", to: Back = "/") -> Response:
    """Take the code; signed in then."""
    back = own_path(to)
    try:
        done = sign_ins.by_code(request.app.state.workspace, cookie(request, SESSION) or "", code, visitor(request))
    except RefusalError as refused:
        return waiting(_second_page(request, to=back, errors={"code": said(request, refused)}), refused)
    except WorkspaceError as ended:
        return sign_in_page(request, to=back, errors={"name": said(request, ended)}, status=401)
    if done is None:
        wrong = text("sign_in.code_wrong", language=language_of(request))
        return _second_page(request, to=back, errors={"code": wrong}, status=401)
    return welcome(request, done, back)


@router.get("/account/second-factor")
def ask_again(request: Request) -> Response:
    """Before another second factor is set: ask whether it is still the account's owner."""
    _own(request)
    return render(request, "account_second_factor.html", setting=None, errors={})


@router.post("/account/second-factor")
def confirm_again(request: Request, password: Secret = "", code: Code = "") -> Response:
    """Take password and code, and show the new secret."""
    workspace, session = request.app.state.workspace, _own(request)
    try:
        confirmed = sign_ins.confirm_again(workspace, session, password, code, visitor(request))
    except RefusalError as refused:
        page = render(request, "account_second_factor.html", setting=None, errors={"password": said(request, refused)})
        return waiting(page, refused)
    if not confirmed:
        wrong = {"password": text("sign_in.password_or_code_wrong", language=language_of(request))}
        return render(request, "account_second_factor.html", setting=None, errors=wrong, status=422)
    sign_ins.set_anew(workspace, cookie(request, SESSION) or "")
    return see("/account/second-factor/new")


@router.get("/account/second-factor/new")
def show_new(request: Request) -> Response:
    """Show the secret of the new second factor."""
    session = _own(request)
    secret = session.notes.get(sign_ins.SECRET)
    if secret is None:
        return see("/account/second-factor")
    setting = _setting(session.account, secret)
    return render(request, "account_second_factor.html", setting=setting, errors={})


@router.post("/account/second-factor/new")
def take_new(request: Request, code: Code = "") -> Response:
    """Set the new second factor, once a code shows that the telephone has it."""
    workspace, session = request.app.state.workspace, _own(request)
    secret = session.notes.get(sign_ins.SECRET)
    if secret is None:
        return see("/account/second-factor")
    if not sign_ins.replace_second_factor(workspace, cookie(request, SESSION) or "", session, code):
        wrong = {"code": text("sign_in.code_wrong", language=language_of(request))}
        setting = _setting(session.account, secret)
        return render(request, "account_second_factor.html", setting=setting, errors=wrong, status=422)
    return see("/account?done=second_factor")


def _own(request: Request) -> Session:
    """The session of who is signed in, in which what is being set is noted."""
    signed_in(request)
    session = session_of(request)
    if session is None:
        raise NotSignedIn
    return session


def _second_page(request: Request, *, to: str, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    """The page that asks for a code; with the secret to be set where there is none yet."""
    workspace: Workspace = request.app.state.workspace
    token = cookie(request, SESSION)
    try:
        session = sign_ins.halfway(workspace, token)
        secret = sign_ins.secret_to_set(workspace, token or "")
    except WorkspaceError:
        return see(f"/sign-in?{urlencode({'to': to})}")
    setting = None if secret is None else _setting(session.account, secret)
    values = {"to": to, "account": session.account, "setting": setting, "errors": errors or {}}
    return render(request, "sign_second.html", status=status, **values)


def _setting(account: str, secret: str) -> dict[str, object]:
    """The secret as a QR code and as text in groups of four."""
    code = segno.make(second_factors.enrolment_address(account, secret), error="m", micro=False)
    drawn = code.svg_inline(scale=QR_SCALE, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    return {"qr": Markup(drawn), "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}  # noqa: S704
