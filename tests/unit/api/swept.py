"""The whole application over a workspace with an account of each role, and a browser signed in as one of them."""

from fastapi.testclient import TestClient

from api.app import create_app
from api.services import Services
from governance import data_owners, sessions
from governance.account_state import Role
from governance.sessions import Stage
from mimamori.serving_papers import oversight
from mimamori.serving_runs import Operations
from tests.accounts import enter

PEOPLE = {role.value.replace("_", "-"): role for role in Role}
"""An account of each role, named after it."""

SCHOOL = "S1"


def name_of(role):
    """The account of a role."""
    return role.value.replace("_", "-")


def staff(workspace, school=SCHOOL):
    """Make the accounts, one of them of a school, one the data owner of the schools' records."""
    enter(workspace, PEOPLE, schools={"school": [school]})
    data_owners.set_owner(workspace, "school", "data-owner", actor="kansa")


def application(workspace):
    """The application as it is served, but for link reviews, which need a run that was really linked."""
    return create_app(workspace, Services(operating=Operations(workspace), oversight=oversight()))


class Visitor(TestClient):
    """A browser of an account that is signed in, or of a stranger."""

    def __init__(self, app, name=None):
        super().__init__(app, base_url="http://localhost", follow_redirects=False)
        workspace = app.state.workspace
        if name is not None:
            with workspace.writing() as connection:
                token = sessions.begin(workspace, connection, name, Stage.WHOLE, address="192.0.2.1", browser="test")
            self.cookies.set("session", token)
        self.headers["Sec-Fetch-Site"] = "same-origin"
