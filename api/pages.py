"""What every page has in common: its templates, its language, its error page."""

import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from polars.exceptions import PanicException

from vocabulary.texts import LANGUAGES, Language, text

logger = logging.getLogger("mimamori")

TEMPLATES = Environment(
    loader=PackageLoader("api", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def language_of(request: Request) -> Language:
    """Language of a page: `lang` of its address, else Japanese."""
    asked = request.query_params.get("lang")
    return next((language for language in LANGUAGES if language == asked), "ja")


def render(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page in the request's language, with `say` for its texts and `kind_title` for the kinds of flags."""
    language = language_of(request)
    page = TEMPLATES.get_template(template).render(
        language=language,
        other=next(one for one in LANGUAGES if one != language),
        say=partial(_say, language),
        kind_title=partial(_kind_title, language),
        here=request.url.path,
        query=dict(request.query_params),
        **values,
    )
    return HTMLResponse(page, status_code=status)


def render_error(request: Request, key: str, *, status: int) -> HTMLResponse:
    """A page that says what is wrong and what to do."""
    return render(request, "error.html", status=status, key=key)


class PageRoute(APIRoute):
    """A route that answers a panic of polars with a page: a panic is no `Exception`, so no error handler sees it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with that answer."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except PanicException as panic:
                logger.error("%s while answering %s", type(panic).__name__, request.url.path)
                return render_error(request, "unavailable", status=503)

        return answer


def _say(language: Language, key: str, **values: object) -> str:
    return text(f"page.{key}", language=language, **values)


def _kind_title(language: Language, kind: str) -> str:
    return text(f"kind.{kind}", language=language)
