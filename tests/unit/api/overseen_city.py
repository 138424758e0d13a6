"""A workspace with an account of each role, and a browser that is signed in as one of them."""

import asyncio

import httpx

from api.app import create_app
from api.services import Services
from governance import access, account_roles, accounts, data_owners
from governance.account_state import Role
from mimamori.serving_papers import oversight

PASSWORD = "correct horse battery"

PEOPLE = {
    "admin": Role.ADMINISTRATOR,
    "shingi": Role.COUNCIL,
    "shingi2": Role.COUNCIL,
    "sato": Role.OPERATOR,
    "bunseki": Role.ANALYST,
    "gakko": Role.DATA_OWNER,
    "fukushi": Role.DATA_OWNER,
    "shien": Role.SUPPORT_WORKER,
    "kocho": Role.SCHOOL,
}
"""Accounts and their roles; gakko answers for the school's records, fukushi for welfare's."""


def settle(workspace):
    """Make the accounts."""
    for name, role in PEOPLE.items():
        by = "os:test" if name == "admin" else "admin"
        invited = accounts.add(workspace, name, role, actor=by, schools=["A1"] if role is Role.SCHOOL else [])
        if invited.token is None:
            invited = account_roles.confirm(workspace, name, actor="shingi")
        accounts.set_password(workspace, name, invited.token, PASSWORD)
    data_owners.set_owner(workspace, "school", "gakko", actor="shingi")
    data_owners.set_owner(workspace, "welfare", "fukushi", actor="shingi")
    return workspace


class Browser:
    """Asks the application as one account after another; None is whoever sits at the machine, or a stranger."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.app = create_app(workspace, Services(oversight=oversight()))

    def get(self, path, name=None, **asked):
        return self._ask("GET", path, name, **asked)

    def post(self, path, name=None, **asked):
        return self._ask("POST", path, name, **asked)

    def _ask(self, method, path, name, **asked):
        async def acting(scope, receive, send):
            if name is not None and scope["type"] == "http":
                scope.setdefault("state", {})["actor"] = access.actor(self.workspace, name)
            await self.app(scope, receive, send)

        async def answer():
            transport = httpx.ASGITransport(app=acting)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, **asked)

        return asyncio.run(answer())
