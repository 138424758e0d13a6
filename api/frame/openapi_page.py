"""What programs may ask: the description of the JSON API in OpenAPI, and the same as a table for people.

Every operation answers a failure as a problem of RFC 9457, which the description declares status by status. Who asks is
told by a program's token or by the session of a browser; either has to be for the actions that stand with the operation
(as OpenAPI 3.1 has names of roles in a security requirement).
"""

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field

from api.frame.failures import JSON_ROOT, STATUS_TEXT, PageRoute
from api.frame.pages import render
from api.frame.permission import actions_of
from api.frame.session import SESSION, cookie_name, signed_in
from vocabulary.texts import text

ROOT = f"{JSON_ROOT}v1"
METHODS = ("get", "post")

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Problem(BaseModel):
    """Why a request was not answered, and what can be done."""

    type: str = Field(pattern="^urn:mimamori:[a-z_]+$")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str


OF_ALL = (400, 401, 403, 404, 409, 421, 422, 503)
"""Failures that any operation may answer with: which of them, depends on what is held as much as on what is asked."""

OF_CHANGES = (413,)
"""Failures of operations that take a body, beside those of all."""


@router.get(f"{ROOT}/openapi.json")
def openapi(request: Request) -> JSONResponse:
    """The description, for programs."""
    signed_in(request)
    return JSONResponse(described(request.app))


@router.get("/api")
def page(request: Request) -> Response:
    """The description, for people."""
    signed_in(request)
    operations = [
        (method.upper(), address, operation["description"])
        for address, of in described(request.app)["paths"].items()
        for method, operation in of.items()
    ]
    return render(request, "openapi.html", operations=sorted(operations, key=lambda one: (one[1], one[0])))


@cache
def described(app: FastAPI) -> dict[str, Any]:
    """What an application offers to programs, as OpenAPI."""
    made = get_openapi(
        title=app.title, version=app.version, routes=app.routes, description=text("program.lead", language="en")
    )
    parts = made["components"]
    parts["schemas"]["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["responses"] = {str(status): _failure(status) for status in (*OF_ALL, *OF_CHANGES)}
    parts["securitySchemes"] = _schemes(app)
    asked = {
        (one.path, method.lower()): [str(action) for action in actions_of(one.dependant)]
        for one in iter_route_contexts(app.routes)
        for method in one.methods or ()
    }
    for path, of in made["paths"].items():
        for method, operation in of.items():
            operation["security"] = [{scheme: asked[path, method]} for scheme in parts["securitySchemes"]]
            statuses = OF_ALL if method == "get" else OF_ALL + OF_CHANGES
            operation["responses"] |= {str(one): {"$ref": f"#/components/responses/{one}"} for one in sorted(statuses)}
    return made


def _schemes(app: FastAPI) -> dict[str, dict[str, str]]:
    """How who asks is told, where any account was ever made."""
    return {
        "token": {"type": "http", "scheme": "bearer", "description": text("program.by_token", language="en")},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie_name(app, SESSION),
            "description": text("program.by_session", language="en"),
        },
    }


def _failure(status: int) -> dict[str, Any]:
    key = STATUS_TEXT.get(status, "wrong_request")
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text(f"page.error_{key}_title", language="en"), "content": problem}
