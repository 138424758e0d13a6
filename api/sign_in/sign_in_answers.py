"""How the steps of signing in are answered: the page with what was wrong, the wait, the next step, and the way on."""

from math import ceil
from urllib.parse import urlencode

from fastapi import Request, Response

from api.frame.pages import language_of, render, see
from api.frame.session import BROWSER, SESSION, set_cookie
from governance.sign_ins import SignedIn
from vocabulary.errors import MimamoriError, RefusalError
from vocabulary.texts import use_language


def sign_in_page(
    request: Request,
    *,
    to: str,
    name: str = "",
    errors: dict[str, str] | None = None,
    done: str | None = None,
    status: int = 200,
) -> Response:
    """The page that asks who it is."""
    oidc = request.app.state.workspace.settings.oidc
    provider = None if oidc is None else oidc.title
    values = {"to": to, "name": name, "errors": errors or {}, "done": done, "provider": provider}
    return render(request, "sign_in_password.html", status=status, **values)


def waiting(answer: Response, refused: RefusalError) -> Response:
    """Answer that it is too early, with the seconds to wait where a program finds them."""
    answer.status_code = 429
    answer.headers["Retry-After"] = str(ceil(refused.values["seconds"]))
    return answer


def to_second(request: Request, token: str, back: str) -> Response:
    """On to the second factor, half the way being taken."""
    answer = see("/sign-in/second" + (f"?{urlencode({'to': back})}" if back != "/" else ""))
    set_cookie(request, answer, SESSION, token)
    return answer


def welcome(request: Request, done: SignedIn, back: str) -> Response:
    """Lead on, signed in."""
    answer = see(back)
    set_cookie(request, answer, SESSION, done.token)
    if done.browser_token is not None:
        set_cookie(request, answer, BROWSER, done.browser_token)
    return answer


def said(request: Request, error: MimamoriError) -> str:
    """What an error says, in the page's language."""
    use_language(language_of(request))
    return str(error)
