"""A child's page: opened by whom it may be, logged before it is shown, and nameless until a reason is given."""

import json
from datetime import timedelta

import pytest

from governance import disposal
from governance.access import Actor
from governance.account_state import Role
from governance.runlog import Kind, entries
from governance.runs import latest_run
from governance.workspace import Workspace
from tests.unit.api.published_run import LEFT_SCHOOL
from tests.unit.governance.cases_of import staff
from tests.unit.mimamori.pdf_reader import objects, text

HEAD = Actor("kocho", Role.SCHOOL, frozenset({"S1"}))
PAGES = ["", ".pdf"]
JSON = ["", "/timeline", "/indicators", "/judgements"]
ALL_PATHS = [f"/children/p00002{end}" for end in PAGES] + [f"/api/v1/children/p00002{end}" for end in JSON]


def logged(workspace, kind):
    with workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[kind])]


def views(workspace):
    return [(view["page"], view.get("person")) for view in logged(workspace, Kind.VIEW)]


def test_every_view_is_logged_and_shows_no_name(workspace, visit):
    for number, path in enumerate(ALL_PATHS, 1):
        answer = visit(path, actor=HEAD)
        assert answer.status_code == 200
        shown = text(answer.content) if path.endswith(".pdf") else answer.text
        assert "山田" not in shown
        assert "花子" not in shown
        assert len(views(workspace)) == number
        page, person = views(workspace)[-1]
        assert page.startswith("child")
        assert person == "p00002"


def test_another_schools_child_is_denied_and_the_refusal_logged(workspace, visit):
    for number, path in enumerate(ALL_PATHS, 1):
        answer = visit(path.replace("p00002", "p00003"), actor=HEAD)
        assert answer.status_code == 403
        assert "48.5" not in answer.text
        refusals = logged(workspace, Kind.REFUSAL)
        assert len(refusals) == number
        assert (refusals[-1]["action"], refusals[-1]["person"]) == ("view_child", "p00003")
    assert views(workspace) == []


def test_who_may_not_open_a_child_does_not_learn_whether_there_is_one(visit):
    there, absent = (visit(f"/children/{one}", actor=HEAD) for one in ("p00003", "p99999"))
    assert there.status_code == absent.status_code == 403
    assert there.text == absent.text.replace("p99999", "p00003")
    assert visit(f"/children/{LEFT_SCHOOL}", actor=HEAD).status_code == 403


def test_a_worker_opens_the_children_of_own_cases_alone(workspace, visit):
    people = staff(workspace, sato=Role.SUPPORT_WORKER, suzuki=Role.SUPPORT_WORKER)
    assert visit("/children/p00003", actor=people["sato"]).status_code == 403
    visit("/cases", {"year": 2025, "person_id": "p00003"}, actor=people["sato"])
    assert visit("/children/p00003", actor=people["sato"]).status_code == 200
    assert visit("/children/p00003", actor=people["suzuki"]).status_code == 403


def test_the_other_roles_open_no_child(visit):
    for role in set(Role) - {Role.SCHOOL, Role.SUPPORT_WORKER}:
        for path in ALL_PATHS:
            assert visit(path, actor=Actor("someone", role)).status_code == 403


def test_nothing_is_shown_while_the_log_cannot_be_written(visit, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Workspace, "writing", full)
    answers = [visit(path, actor=HEAD) for path in ALL_PATHS]
    answers.append(visit("/children/p00002/identity", {"reason": "家庭訪問"}, actor=HEAD))
    for answer in answers:
        assert answer.status_code == 503
        assert "48.5" not in answer.text
        assert "山田" not in answer.text


def test_a_name_is_shown_once_for_a_reason_that_is_logged_sealed(workspace, visit):
    answer = visit("/children/p00002/identity", {"reason": " 家庭訪問の連絡 "}, actor=HEAD)
    assert answer.status_code == 200
    assert "花子2" in answer.text
    assert "花子4" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    (view,) = logged(workspace, Kind.VIEW)
    assert (view["page"], view["person"]) == ("identity", "p00002")
    assert "家庭訪問" not in json.dumps(view, ensure_ascii=False)
    sealed_as = f"view/{latest_run(workspace)}/p00002"
    assert workspace.custody.unseal(sealed_as, view["reason"]).decode() == "家庭訪問の連絡"
    assert "花子2" not in visit("/children/p00002", actor=HEAD).text


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_no_name_is_read(workspace, visit, monkeypatch, reason):
    monkeypatch.setattr("api.children.child.read_artefact", None)
    answer = visit("/children/p00002/identity", {"reason": reason}, actor=HEAD)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert logged(workspace, Kind.VIEW) == []


def test_a_name_of_another_schools_child_is_refused(workspace, visit):
    assert visit("/children/p00003/identity", {"reason": "x"}, actor=HEAD).status_code == 403
    assert logged(workspace, Kind.VIEW) == []


def test_names_past_their_retention_are_not_shown(workspace, visit, monkeypatch):
    later = disposal.today() + timedelta(days=100)  # extracts are kept for 90 days, results for years
    for name in ("governance.disposal", "governance.export_terms", "api.children.published"):
        monkeypatch.setattr(f"{name}.today", lambda: later)
    assert visit("/children/p00002", actor=HEAD).status_code == 200
    answer = visit("/children/p00002/identity", {"reason": "家庭訪問"}, actor=HEAD)
    assert answer.status_code == 409
    assert "花子" not in answer.text


def test_a_name_is_not_to_be_had_by_an_address(visit):
    assert visit("/children/p00002/identity?reason=x", actor=HEAD).status_code == 405


def test_the_paper_of_a_child_is_tagged_with_words_for_its_pictures(visit):
    answer = visit("/children/p00002.pdf", actor=HEAD)
    assert answer.headers["content-type"] == "application/pdf"
    assert b"/StructTreeRoot" in objects(answer.content)
    assert b"/Figure" in objects(answer.content)
    assert b"/Alt" in objects(answer.content)
    assert "ケース会議資料" in text(answer.content)
