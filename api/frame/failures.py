"""What is answered when something is wrong: a page, or for programs a problem of RFC 9457, which show nothing else.

What goes to the operator's log is the kind of error, its text's key and which route answered: never an address, which
may have the id of a child in it, nor a value.
"""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from polars.exceptions import PanicException
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api.frame.pages import language_of, render
from governance.access import scope_of
from governance.policy import Action, Scope
from vocabulary.errors import IntegrityError, MimamoriError, RefusalError, UsageError
from vocabulary.texts import text, use_language

logger = logging.getLogger("mimamori")

JSON_ROOT = "/api/"
"""Where programs ask."""

CHILDREN = "/children/"
"""Where the pages of children are."""

STATUS_TEXT = {
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "not_found",
    409: "conflict",
    413: "too_large",
    421: "foreign_name",
    429: "too_often",
    503: "unavailable",
}
"""Text for each status; of another one, that the request could not be read."""

UNAVAILABLE = frozenset({"workspace", "custody", "runlog", "engine"})
"""Areas whose errors say that the system itself cannot answer now; those of others, that what was asked cannot be."""


def add_handlers(app: FastAPI) -> None:
    """Answer every failure in words."""
    app.add_exception_handler(MimamoriError, _ours)
    app.add_exception_handler(SQLAlchemyError, _unavailable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _misread)


def route_of(request: Request) -> str:
    """The method and the address of the route that answers, with its placeholders; `-` where none does."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '-')}"


def render_failure(request: Request, key: str, *, status: int, detail: str | None = None) -> Response:
    """The answer of a status, in the texts `page.error_<key>_title` and `page.error_<key>`; `detail` goes along."""
    if not request.url.path.startswith(JSON_ROOT):
        emergency = status == 403 and _may_look_all_the_same(request)
        return render(request, "error.html", status=status, key=key, detail=detail, emergency=emergency)
    language = language_of(request)
    problem = {
        "type": f"urn:mimamori:{key}",
        "title": text(f"page.error_{key}_title", language=language),
        "status": status,
        "detail": detail or text(f"page.error_{key}", language=language),
    }
    return JSONResponse(problem, status_code=status, media_type="application/problem+json")


def _may_look_all_the_same(request: Request) -> bool:
    """Whether a child's page was refused to somebody who has emergency access."""
    actor = getattr(request.state, "actor", None)
    of_a_child = request.url.path.startswith(CHILDREN)
    return of_a_child and actor is not None and scope_of(actor, Action.BREAK_GLASS) is not Scope.NONE


class PageRoute(APIRoute):
    """A route that answers a panic of polars like any other failure: a panic is no `Exception`, so nothing sees it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with that answer."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except PanicException as panic:
                logger.error("%s while answering %s", type(panic).__name__, route_of(request))
                return render_failure(request, "unavailable", status=503)

        return answer


async def _ours(request: Request, error: Exception) -> Response:
    """An error raised on purpose: one that says what to do is shown; the others say no more than that."""
    if not isinstance(error, MimamoriError):
        raise error
    if isinstance(error, IntegrityError) or error.key.partition(".")[0] in UNAVAILABLE:
        logger.error("%s %s while answering %s", type(error).__name__, error.key, route_of(request))
        return render_failure(request, "altered" if isinstance(error, IntegrityError) else "unavailable", status=503)
    use_language(language_of(request))
    if isinstance(error, RefusalError):
        return render_failure(request, "not_allowed", status=403, detail=str(error))
    if isinstance(error, UsageError):
        return render_failure(request, "wrong_request", status=400, detail=str(error))
    return render_failure(request, "conflict", status=409, detail=str(error))


async def _unavailable(request: Request, error: Exception) -> Response:
    logger.error("%s while answering %s", type(error).__name__, route_of(request))
    return render_failure(request, "unavailable", status=503)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return render_failure(request, STATUS_TEXT.get(status, "wrong_request"), status=status)


async def _misread(request: Request, error: Exception) -> Response:
    return render_failure(request, "wrong_request", status=422)
