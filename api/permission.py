"""Who may use a route: each names the action it is, and asks before it answers.

A route that names none is found by a test, but for those that `OPEN` lists with the reason.
"""

from collections.abc import Callable

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.session import signed_in
from governance import access
from governance.access import Actor
from governance.policy import Action

OPEN = {
    "/": "leads to the first page that the account may open",
    "/static": "styles and pictures, the same for everybody",
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
        actor = signed_in(request)
        access.require(request.app.state.workspace, actor, self.action)
        return actor


def needs(action: Action) -> Callable[[Request], object]:
    """As `Needs`, for `Depends`."""
    return Needs(action)
