"""Who asks: the account of a session or of a program's token; the machine's user where no account was ever made.

The browser's cookie holds nothing but a random token. Where the dashboard is served over TLS its name begins with
`__Host-`, so that no other address, not even one below ours, can set it.
"""

from dataclasses import replace
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlencode, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from api.frame.failures import JSON_ROOT, render_failure
from governance import access, access_tokens, sessions
from governance.access import Actor
from governance.accounts import accounts_in_use
from governance.policy import Action
from governance.sessions import Session
from governance.sign_in_tries import BROWSER_LIFE, Visitor
from governance.workspace import Workspace, current_user

SIGN_IN = "/sign-in"
SESSION, BROWSER, ELSEWHERE = "session", "browser", "elsewhere"
"""Cookies: the session, the browser that is known by it, and the way by a provider while somebody is on it."""


class NotSignedIn(HTTPException):
    """Nobody is signed in, or not any more."""

    def __init__(self) -> None:
        super().__init__(401)


def signed_in(request: Request) -> Actor:
    """The actor of a request, kept in `request.state.actor` for the page's frame.

    Raises
    ------
    NotSignedIn
        There are accounts, and the request shows neither a session nor a token that holds.
    """
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    workspace: Workspace = request.app.state.workspace
    actor = access.actor(workspace, _name(request, workspace))
    actor = replace(actor, actions=token_actions(request))
    request.state.actor = actor
    return actor


def _name(request: Request, workspace: Workspace) -> str:
    if not in_use(request):
        return current_user()
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and request.url.path.startswith(JSON_ROOT):
        token = access_tokens.find(workspace, shown.strip())
        if token is None:
            raise NotSignedIn
        request.state.token_actions = token.actions
        return token.account
    session = session_of(request)
    if session is None:
        raise NotSignedIn
    return session.account


def session_of(request: Request) -> Session | None:
    """The session of a request's cookie, if it holds."""
    return sessions.find(request.app.state.workspace, cookie(request, SESSION))


def token_actions(request: Request) -> frozenset[Action] | None:
    """What the token of a program that asks is for; None where a person asks."""
    actions: frozenset[Action] | None = getattr(request.state, "token_actions", None)
    return actions


def in_use(request: Request) -> bool:
    """Whether an account was ever made here, so that signing in is needed; once so, always so."""
    state = request.app.state
    if not getattr(state, "accounts_in_use", False):
        with state.workspace.reading() as connection:
            state.accounts_in_use = accounts_in_use(connection)
    return bool(state.accounts_in_use)


def visitor(request: Request) -> Visitor:
    """Who tries to sign in; of an IPv6 address the network, of which anybody has many addresses."""
    host = request.client.host if request.client else ""
    try:
        if isinstance(ip_address(host), IPv6Address):
            host = str(ip_network(f"{host.partition('%')[0]}/64", strict=False))
    except ValueError:
        host = "unknown"
    return Visitor(host, request.headers.get("user-agent", ""), cookie(request, BROWSER))


def cookie(request: Request, name: str) -> str | None:
    """The value of one of our cookies."""
    return request.cookies.get(cookie_name(request.app, name))


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set one of our cookies: not to be read by scripts, and not sent from other sites' pages.

    The way back from a provider begins on the provider's page; so what is needed then is sent along with a link
    (`lax`), and where there is a provider the session too, since the browser counts our answer to that as part of it.
    """
    from_elsewhere = name == ELSEWHERE or (name == SESSION and request.app.state.workspace.settings.oidc is not None)
    response.set_cookie(
        cookie_name(request.app, name),
        value,
        max_age=int(BROWSER_LIFE.total_seconds()) if name == BROWSER else None,
        httponly=True,
        secure=request.app.state.secure,
        samesite="lax" if from_elsewhere else "strict",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Have the browser forget one of our cookies."""
    secure = request.app.state.secure
    response.delete_cookie(cookie_name(request.app, name), httponly=True, secure=secure, samesite="strict")


def cookie_name(app: FastAPI, name: str) -> str:
    """What browsers are told that one of our cookies is called."""
    return f"__Host-{name}" if app.state.secure else name


def own_path(address: str | None) -> str:
    """`address` if it is a path of ours with its query, else `/`: where to go on after signing in."""
    if not address or len(address) > 2000 or not address.startswith("/") or not address.isprintable():
        return "/"
    parts = urlsplit(address)
    leads_away = address.startswith(("//", "/\\")) or parts.scheme or parts.netloc or "\\" in address
    return "/" if leads_away or parts.path.startswith(SIGN_IN) else address


def to_sign_in(request: Request, error: Exception) -> Response:
    """Answer who is not signed in: a program by 401, a person by the page for it, which leads back to where it was."""
    if request.url.path.startswith(JSON_ROOT):
        answer = render_failure(request, "not_signed_in", status=401)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:  # what was sent is not kept; the page it was sent from is opened again
        before = urlsplit(request.headers.get("referer", ""))
        here = before.path + (f"?{before.query}" if before.query else "")
    back = own_path(here)
    return RedirectResponse(f"{SIGN_IN}?{urlencode({'to': back}, quote_via=quote)}" if back != "/" else SIGN_IN, 303)
