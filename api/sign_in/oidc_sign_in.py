"""Signing in by the provider: to it and back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from api.frame.failures import PageRoute
from api.frame.pages import see
from api.frame.session import ELSEWHERE, cookie, drop_cookie, own_path, set_cookie, visitor
from api.sign_in.oidc import Provider
from api.sign_in.sign_in_answers import said, sign_in_page, to_second, welcome
from governance import sign_ins
from governance.sign_ins import SignedIn
from governance.workspace import Workspace
from vocabulary.errors import RefusalError

router = APIRouter(route_class=PageRoute, include_in_schema=False)

BACK_FROM_PROVIDER = "/sign-in/oidc/back"


@router.get("/sign-in/oidc")
def leave(request: Request, to: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Send the browser to the provider; what has to come back waits in a session of its own."""
    provider = provider_of(request)
    try:
        asked = provider.ask(_back_address(request))
    except RefusalError as refused:
        return sign_in_page(request, to=own_path(to), errors={"name": said(request, refused)}, status=503)
    notes = {"state": asked.state, "nonce": asked.nonce, "verifier": asked.verifier, "to": own_path(to)}
    token = sign_ins.leave_for_provider(request.app.state.workspace, visitor(request), notes)
    answer = see(asked.address)
    set_cookie(request, answer, ELSEWHERE, token)
    return answer


@router.get(BACK_FROM_PROVIDER)
def come_back(request: Request) -> Response:
    """Take what the provider says, if it answers what this browser was sent with."""
    workspace: Workspace = request.app.state.workspace
    provider = provider_of(request)
    asked = sign_ins.back_from_provider(workspace, cookie(request, ELSEWHERE))
    try:
        if asked is None:
            raise RefusalError("sign_in.provider_state")
        name, second_factor = provider.identity(_back_address(request), dict(request.query_params), asked)
        done = sign_ins.by_provider(workspace, name, visitor(request), with_second_factor=second_factor)
        if done is None:
            raise RefusalError("sign_in.provider_no_account")
    except RefusalError as refused:
        if refused.key != "sign_in.provider_no_account":  # which counted itself
            sign_ins.refused_elsewhere(workspace, visitor(request))
        answer: Response = sign_in_page(request, to="/", errors={"name": said(request, refused)}, status=401)
        drop_cookie(request, answer, ELSEWHERE)
        return answer
    answer = (
        welcome(request, done, asked["to"]) if isinstance(done, SignedIn) else to_second(request, done, asked["to"])
    )
    drop_cookie(request, answer, ELSEWHERE)
    return answer


def provider_of(request: Request) -> Provider:
    """The provider of the settings; 404 where there is none."""
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise HTTPException(404)
    return provider


def _back_address(request: Request) -> str:
    """Our address to which the provider sends the browser back; by the name it asked for, which the guard checked."""
    return f"{request.url.scheme}://{request.url.netloc}{BACK_FROM_PROVIDER}"
