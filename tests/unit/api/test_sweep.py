"""Every route as every role, as a stranger, and while the log cannot be written."""

import re
from pathlib import Path

import pytest

from api.frame.permission import OPEN
from governance.account_state import Role
from governance.policy import Action, Scope, scope
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from mimamori.routes_page import routes, routes_page
from tests.unit.api.conftest import with_a_run
from tests.unit.api.published_run import flags, held_flags
from tests.unit.api.swept import Visitor, application, name_of, staff

FEWEST = 150
"""Routes that there are at the least: a list that lost the included routers is shorter."""

ANY = {"run_id": "20260101T000000-000000000000", "person_id": "p00004", "case_id": "0123456789", "year": "2025"}
"""Values for the placeholders of addresses; another one's is `x1`."""


WORKERS_CHILD = "p00006"

SHOWING = {Role.SUPPORT_WORKER: 18, Role.SCHOOL: 10}
"""Routes that show children to a role, at the least."""

CHILD = re.compile(r"p\d{5}|山田|花子|箕面1")
"""A child or a name."""


def address(path, child):
    return re.sub(r"{(\w+)}", lambda found: (ANY | {"person_id": child}).get(found[1], "x1"), path)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    workspace = Workspace.create(tmp_path_factory.mktemp("swept") / "workspace")
    with_a_run(workspace, flags(12), held_flags(13))
    staff(workspace)
    made = application(workspace)
    taken = Visitor(made, name_of(Role.SUPPORT_WORKER)).post("/cases", data={"person_id": WORKERS_CHILD, "year": 2025})
    ANY["case_id"] = taken.headers["location"].rpartition("/")[2]
    return made


def ask(visitor, one, child=ANY["person_id"], **sent):
    """The answer to a route, with a form where it takes one."""
    form = sent if one.method == "POST" else None
    return visitor.request(one.method, address(one.path, child), data=form)


def test_every_route_names_its_action_or_stands_among_the_open(app):
    listed = routes(app)
    assert len(listed) >= FEWEST
    assert [one for one in listed if bool(one.actions) == (one.path in OPEN)] == []
    assert set(OPEN) - {one.path for one in listed} == {"/static"}


def test_the_page_lists_the_routes():
    page = (Path(__file__).parents[3] / "docs" / "routes.md").read_text(encoding="utf-8")
    assert page == routes_page()


@pytest.mark.parametrize("role", Role)
def test_a_role_is_refused_where_the_policy_denies_and_the_log_has_it(app, role):
    workspace, visitor = app.state.workspace, Visitor(app, name_of(role))
    for one in (one for one in routes(app) if one.path not in OPEN):
        denied = [action for action in one.actions if scope(role, action) is Scope.NONE]
        before = refusals(workspace)
        answer = ask(visitor, one)
        assert answer.status_code < 500, one
        if denied:
            assert answer.status_code == 403, one
            assert refusals(workspace)[len(before) :] == [(name_of(role), f"access/{denied[0]}")], one
            assert shown(answer) == set(), one
        elif all(scope(role, action) is Scope.ALL for action in one.actions):
            assert answer.status_code != 403, one


def shown(answer):
    """Children and names in an answer, but for the child that its address names."""
    return set(CHILD.findall(answer.text)) - {ANY["person_id"]}


def refusals(workspace):
    with workspace.reading() as connection:
        return [(one.actor, one.subject) for one in entries(connection, kinds=[Kind.REFUSAL])]


def test_a_stranger_is_sent_to_sign_in_and_a_program_told(app):
    stranger = Visitor(app)
    for one in routes(app):
        if one.path in OPEN and not one.path.startswith(("/account", "/api")):
            continue
        answer = ask(stranger, one)
        if one.path.startswith("/api/"):
            assert answer.status_code == 401, one
            assert answer.headers["content-type"] == "application/problem+json"
        else:
            assert answer.status_code == 303, one
            assert answer.headers["location"].startswith("/sign-in"), one
        assert shown(answer) == set()


@pytest.mark.parametrize("role", Role)
def test_what_shows_a_child_or_a_name_is_503_while_the_log_cannot_be_written(app, monkeypatch, role):
    visitor = Visitor(app, name_of(role))
    child = WORKERS_CHILD if role is Role.SUPPORT_WORKER else ANY["person_id"]
    showing = [one for one in routes(app) if one.path not in OPEN and shows(one, ask(visitor, one, child, reason="x"))]
    assert len(showing) >= SHOWING.get(role, 0)

    def fail(*_, **__):
        raise OSError("disk")

    monkeypatch.setattr(Workspace, "writing", fail)
    for one in showing:
        answer = ask(visitor, one, child, reason="x")
        assert answer.status_code == 503, one
        assert shown(answer) - {child} == set(), one


def shows(one, answer):
    """Whether a child is in an answer: by its number or name, or since the answer is about it, or a list on paper."""
    of_child = "{person_id}" in one.path or answer.headers.get("content-type") == "application/pdf"
    return answer.status_code == 200 and (of_child or CHILD.search(answer.text) is not None)


def test_every_action_that_shows_a_child_or_a_name_is_of_some_route(app):
    named = {action for one in routes(app) for action in one.actions}
    assert named >= {Action.LIST_FLAGS, Action.VIEW_CHILD, Action.VIEW_IDENTITY, Action.EXPORT_LIST, Action.WORK_CASE}
    assert named >= {Action.REVIEW_LINKS, Action.EXPLAIN_LINKS, Action.VIEW_REJECTS, Action.HANDLE_REQUEST}
