"""Every link of every page as each role: each answer is whole and small, and names nobody to who may not see names."""

import re
import shutil

import pytest

from governance.account_state import Role
from governance.policy import Action, Scope, scope
from governance.workspace import Workspace
from mimamori import serving
from tests.journey.crawl import crawl, faults
from tests.journey.staffed import naming_values, staffed
from tests.unit.api.swept import Visitor, name_of, staff

pytestmark = pytest.mark.slow

SHOWING_NAMES = (Action.REVIEW_LINKS, Action.EXPLAIN_LINKS)
"""Actions whose pages show names without being asked for one child; `view_identity` is a form, which no link opens."""


@pytest.fixture(scope="module")
def app(ran, tmp_path_factory):
    return staffed(shutil.copytree(ran.workspace, tmp_path_factory.mktemp("crawl") / "workspace"), ran.run)


@pytest.fixture(scope="module")
def names(app, ran):
    found = naming_values(app.state.workspace, ran.run)
    assert len(found) > 300
    return found


@pytest.mark.parametrize("role", Role)
def test_every_link_leads_to_a_whole_page_and_none_names_anybody(app, names, role):
    answers = crawl(Visitor(app, name_of(role)), "/")
    assert len(answers) > 15
    assert [fault for address, answer in answers.items() for fault in faults(address, answer)] == []
    reviewing = any(scope(role, action) is not Scope.NONE for action in SHOWING_NAMES)
    assert any("/reviews/pairs/" in address for address in answers) == reviewing
    for address, answer in answers.items():
        if not address.startswith(("/reviews/pairs/", "/reviews/people/")):
            assert [name for name in names if name in answer.text] == [], address


@pytest.mark.parametrize("role", Role)
def test_nothing_of_a_child_is_shown_while_the_log_cannot_be_written(app, names, monkeypatch, role):
    visitor = Visitor(app, name_of(role))
    answers = crawl(visitor, "/")
    children = set(re.findall(r"/children/(\w+)", " ".join(answers)))

    def fail(*_, **__):
        raise OSError("disk")

    monkeypatch.setattr(Workspace, "writing", fail)
    for address, before in answers.items():
        answer = visitor.get(address)
        assert answer.status_code in (before.status_code, 503), address
        if answer.status_code == 200:
            assert [name for name in names if name in answer.text] == [], address
            assert [child for child in children if child in answer.text] == [], address


@pytest.mark.parametrize("role", [None, *Role])
def test_before_the_first_run_every_link_leads_to_a_page_too(tmp_path, role):
    workspace = Workspace.create(tmp_path / "workspace")
    if role is not None:
        staff(workspace)
    app = serving.application(workspace, serving.Terms("127.0.0.1", 8000))
    answers = crawl(Visitor(app, role and name_of(role)), "/", "/?lang=en")
    assert len(answers) > 15
    assert [fault for address, answer in answers.items() for fault in faults(address, answer)] == []
