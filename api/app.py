"""The dashboard's application: its pages, its headers, and what it answers when something is wrong.

Pages are rendered on the server and need no script; everything they load comes from this address.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api import flags
from api.pages import logger, render_error
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, MimamoriError

HERE = Path(__file__).parent
PORT = re.compile(r":\d+$")

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Sent with every answer: nothing from elsewhere, no copy kept, no page of ours inside another."""

LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}
"""Names under which a browser on this machine may ask; another name is a page elsewhere pointed at this address."""


def create_app(workspace: Workspace) -> FastAPI:
    """Make the application that serves one workspace."""
    app = FastAPI(title="Mimamori", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.workspace = workspace
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(flags.router)
    app.add_api_route("/", _home, include_in_schema=False)
    app.middleware("http")(_guard)
    app.add_exception_handler(MimamoriError, _unavailable)
    app.add_exception_handler(SQLAlchemyError, _unavailable)
    app.add_exception_handler(HTTPException, _not_found)
    app.add_exception_handler(RequestValidationError, _misread)
    return app


def _home(request: Request) -> RedirectResponse:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/flags{query}", status_code=307)


async def _guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer only to names of this machine, turn every failure into a page that shows nothing, and add the headers."""
    name = PORT.sub("", request.headers.get("host", ""))
    if name not in LOCAL_NAMES:
        response: Response = render_error(request, "foreign_name", status=421)
    else:
        try:
            response = await answer(request)
        except Exception as error:
            logger.error("%s while answering %s", type(error).__name__, request.url.path)  # its message may quote data
            response = render_error(request, "unavailable", status=503)
    response.headers.update(HEADERS)
    return response


async def _unavailable(request: Request, error: Exception) -> Response:
    """The log could not be written, or an artefact is not what was written: nothing is shown.

    What goes to the operator's log is the kind of error and its text's key, never its values.
    """
    named = f"{type(error).__name__} {error.key}" if isinstance(error, MimamoriError) else type(error).__name__
    logger.error("%s while answering %s", named, request.url.path)
    key = "altered" if isinstance(error, IntegrityError) else "unavailable"
    return render_error(request, key, status=503)


async def _not_found(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return render_error(request, "not_found" if status in (404, 405) else "wrong_request", status=status)


async def _misread(request: Request, error: Exception) -> Response:
    return render_error(request, "wrong_request", status=422)
