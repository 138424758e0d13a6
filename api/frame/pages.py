"""What every page has in common: its templates, its language, its frame, and how a form is answered."""

import re
from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.frame.navigation import sections
from vocabulary.schools import school_words
from vocabulary.texts import LANGUAGES, Language, text

LANGUAGE_COOKIE = "lang"
LANGUAGE_SECONDS = 365 * 24 * 3600

UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that show nothing themselves and change how others are shown: controls, and those that turn the direction
of writing, by which words could be made to read otherwise than they were written."""


def showable(value: object) -> object:
    """What a page writes of a value: of a text, a mark in place of each character of `UNSHOWN`."""
    if not isinstance(value, str) or UNSHOWN.search(value) is None:
        return value
    shown = UNSHOWN.sub("\ufffd", value)
    return Markup(shown) if isinstance(value, Markup) else shown  # noqa: S704 - it was markup before


TEMPLATES = Environment(
    loader=PackageLoader("api", "templates"),
    autoescape=True,
    finalize=showable,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def language_of(request: Request) -> Language:
    """Language of a page: `lang` of its address, else the one chosen last, else Japanese."""
    asked = request.query_params.get("lang"), request.cookies.get(_language_cookie(request))
    return next((one for wanted in asked for one in LANGUAGES if one == wanted), "ja")


def render(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page in the request's language.

    Templates have `say(key, **values)` for the texts of the area `page`, `t("area.key", **values)` for those of any,
    `kind_title(kind)`, `school_words(code)`, `actor` (None where nobody is signed in), `sections` the actor may see,
    `here` and `query`.
    """
    language = language_of(request)
    actor = getattr(request.state, "actor", None)
    page = TEMPLATES.get_template(template).render(
        language=language,
        other=next(one for one in LANGUAGES if one != language),
        say=lambda key, **given: text(f"page.{key}", language=language, **given),
        t=partial(_text, language),
        kind_title=lambda kind: text(f"kind.{kind}", language=language),
        school_words=partial(school_words, request.app.state.schools, language=language),
        actor=actor,
        sections=sections(actor),
        here=request.url.path,
        query=dict(request.query_params),
        **values,
    )
    response = HTMLResponse(page, status_code=status)
    name, secure = _language_cookie(request), request.app.state.secure
    if request.query_params.get("lang") == language != request.cookies.get(name, "ja"):
        seconds = LANGUAGE_SECONDS
        response.set_cookie(name, language, max_age=seconds, httponly=True, secure=secure, samesite="lax")
    return response


def see(address: str) -> RedirectResponse:
    """Answer a form: the browser asks for `address` next, so that loading it again sends nothing twice."""
    return RedirectResponse(address, status_code=303)


def _text(language: Language, key: str, **values: object) -> str:
    return text(key, language=language, **values)


def _language_cookie(request: Request) -> str:
    """Name of the cookie that keeps the language; over TLS one that no other address can set."""
    return f"__Host-{LANGUAGE_COOKIE}" if request.app.state.secure else LANGUAGE_COOKIE
