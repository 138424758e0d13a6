"""Who asks: the account of a session, or in a workspace without accounts the user who serves it on this machine."""

from fastapi import Request

from governance import access
from governance.access import Actor
from governance.workspace import Workspace, current_user


def signed_in(request: Request) -> Actor:
    """The actor of a request, kept in `request.state.actor` for the page's frame."""
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    workspace: Workspace = request.app.state.workspace
    actor = access.actor(workspace, current_user())
    request.state.actor = actor
    return actor
