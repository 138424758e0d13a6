"""Who may use a route: each names the action it is, and asks before it answers.

A route that names none is found by a test, but for those that `OPEN` lists with the reason.
"""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.frame.session import signed_in, token_actions
from governance import access
from governance.access import Actor
from governance.policy import Action
from governance.runlog import Kind
from vocabulary.errors import RefusalError

OPEN = {
    "/": "leads to the first page that the account may open",
    "/static": "styles and pictures, the same for everybody",
    "/sign-in": "asks who it is",
    "/sign-in/second": "asks for the second factor, of who gave a password",
    "/sign-in/oidc": "leads to the provider, and back from it",
    "/sign-in/oidc/back": "leads to the provider, and back from it",
    "/sign-out": "ends one's own session",
    "/set-up": "takes a password for a one-time token",
    "/set-up/{name}": "takes a password for a one-time token",
    "/account": "one's own account, whatever its role",
    "/account/password": "one's own account, whatever its role",
    "/account/second-factor": "one's own account, whatever its role",
    "/account/second-factor/new": "one's own account, whatever its role",
    "/account/sessions": "one's own account, whatever its role",
    "/account/tokens": "one's own account, whatever its role",
    "/account/tokens/end": "one's own account, whatever its role",
    "/api": "what programs may ask, the same for everybody who is signed in",
    "/api/v1/openapi.json": "what programs may ask, the same for everybody who is signed in",
    "/public/log": "what of the run log is public, where the settings open it to everybody",
}
"""Addresses that name no action."""


class Needs:
    """A dependency: the actor of the request, once `action` is allowed to it in some scope; 403 and an entry otherwise.

    Where the scope is narrower than all, the route asks `governance.access.require` again with the child, school or
    source it shows, or filters by `governance.access.scope_of`.
    """

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, request: Request) -> Actor:
        """The actor."""
        return await run_in_threadpool(self._allowed, request)

    def _allowed(self, request: Request) -> Actor:
        actor, workspace = signed_in(request), request.app.state.workspace
        granted = token_actions(request)
        if granted is not None and self.action not in granted:
            body = {"rule": "sign_in.token_not_for", "action": self.action.value}
            workspace.log(actor=actor.name, kind=Kind.REFUSAL, subject=f"access/{self.action}", body=body)
            raise RefusalError("sign_in.token_not_for", action=self.action.value)
        access.require(workspace, actor, self.action)
        return actor


def actions_of(dependant: Any) -> Iterator[Action]:
    """The actions that a route's dependencies name."""
    for one in dependant.dependencies:
        if isinstance(one.call, Needs):
            yield one.call.action
        yield from actions_of(one)


def needs(action: Action) -> Callable[[Request], object]:
    """As `Needs`, for `Depends`."""
    return Needs(action)
