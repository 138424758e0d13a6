"""The dashboard's application: its pages, the JSON of them, and what holds of both."""

from collections.abc import Collection
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from api.cases import cases, cases_json
from api.children import child, child_json, emergency, finding, flags, list_json
from api.frame import openapi_page
from api.frame.failures import add_handlers
from api.frame.guard import LOCAL_NAMES, guard
from api.frame.navigation import sections
from api.frame.session import NotSignedIn, signed_in, to_sign_in
from api.links import reviews, reviews_json
from api.oversight import overseeing
from api.runs import compare, deliveries, jobs, rejects, runs
from api.services import Services
from api.sign_in import account, accounts, oidc_sign_in, second_factor, sign_in
from api.sign_in.oidc import provider
from governance.workspace import Workspace
from vocabulary.schools import load_schools

HERE = Path(__file__).parent

ROUTERS = (
    flags.router,
    list_json.router,
    child.router,
    child_json.router,
    emergency.router,
    emergency.json_router,
    finding.router,
    cases.router,
    cases_json.router,
    reviews.router,
    reviews_json.router,
    sign_in.router,
    second_factor.router,
    oidc_sign_in.router,
    account.router,
    accounts.router,
    compare.router,
    jobs.router,
    deliveries.router,
    rejects.router,
    runs.router,  # after those whose addresses begin alike
    *overseeing.ROUTERS,
    openapi_page.router,
)


def create_app(
    workspace: Workspace,
    services: Services | None = None,
    *,
    names: Collection[str] = LOCAL_NAMES,
    secure: bool = False,
) -> FastAPI:
    """Make the application that serves one workspace.

    Parameters
    ----------
    workspace
        An open workspace.
    services
        What pages need of the rest of the system; None for those pages that need nothing of it.
    names
        Host names it answers to, without a port.
    secure
        Whether browsers reach it over TLS, so that cookies are sent over nothing else.

    Raises
    ------
    SpecificationError
        The city's names of schools are not well formed.
    """
    app = FastAPI(title="Mimamori", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.workspace = workspace
    app.state.services = services or Services()
    app.state.secure = secure
    app.state.schools = load_schools(workspace.sources_folder)
    app.state.provider = provider(workspace)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/", _home, include_in_schema=False)
    app.middleware("http")(guard(names))
    add_handlers(app)
    app.add_exception_handler(NotSignedIn, to_sign_in)
    return app


def _home(request: Request) -> RedirectResponse:
    """To the first section the account may open, with the address's own choices kept."""
    first = next(iter(sections(signed_in(request))), None)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{first.path if first else '/account'}{query}", status_code=307)
