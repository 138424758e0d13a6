"""Finding a child by name: ids alone, of whom the account reaches, and nothing before the log has it."""

import asyncio
from datetime import date

import httpx
import pytest

from api.app import create_app
from api.services import Services
from governance.access import Actor
from governance.account_state import Role
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from mimamori.serving_find import find_children
from tests.unit.mimamori.explained_run import publish
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.texts import text

HEAD = Actor("kocho", Role.SCHOOL, frozenset({"S1"}))
COUNCIL = Actor("kansa", Role.COUNCIL, frozenset())
TOLD = {"given_name": "花子", "birth_date": "2012-06-07", "reason": "学校から連絡があった"}


def signed(actor):
    def remember(request):
        request.state.actor = actor
        return actor

    return remember


@pytest.fixture
def search(workspace, monkeypatch):
    """Sends the form as somebody; `p00002` and `p00003`, of another school, are what is found."""
    app = create_app(workspace, Services(find_children=lambda *_, **__: ["p00002", "p00003"]))

    def send(told, actor=None):
        if actor is not None:
            monkeypatch.setattr("api.frame.permission.signed_in", signed(actor))

        async def post():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.post("/find", data=told)

        return asyncio.run(post())

    return send


def views(workspace):
    with workspace.reading() as connection:
        return [(one.content["page"], one.content.get("person")) for one in entries(connection, kinds=[Kind.VIEW])]


def test_ids_are_shown_and_each_is_a_view(workspace, search):
    answer = search(TOLD)
    assert answer.status_code == 200
    assert "p00002" in answer.text
    assert views(workspace) == [("find", None), ("found", "p00002"), ("found", "p00003")]


def test_a_school_finds_its_own_children_alone(workspace, search):
    answer = search(TOLD, HEAD)
    assert "p00002" in answer.text
    assert "p00003" not in answer.text
    assert ("found", "p00003") not in views(workspace)


def test_who_may_see_no_child_may_not_search(workspace, search):
    assert search(TOLD, COUNCIL).status_code == 403
    assert views(workspace) == []


@pytest.mark.parametrize(
    ("missing", "given"), [("given_name", " "), ("birth_date", "2012-13-45"), ("birth_date", ""), ("reason", "")]
)
def test_nothing_is_searched_without_all_that_is_asked_for(workspace, search, missing, given):
    answer = search(TOLD | {missing: given})
    assert answer.status_code == 422
    assert text(f"find.wrong_{missing}", language="ja") in answer.text
    assert views(workspace) == []


def test_without_a_log_nothing_is_searched(search, monkeypatch):
    def fail(*_, **__):
        raise OSError("disk")

    monkeypatch.setattr(Workspace, "writing", fail)
    answer = search(TOLD)
    assert answer.status_code == 503
    assert "p00002" not in answer.text


def test_the_reason_is_sealed(workspace, search):
    search(TOLD)
    with workspace.reading() as connection:
        (asked,) = [one for one in entries(connection, kinds=[Kind.VIEW]) if one.content["page"] == "find"]
    assert TOLD["reason"] not in asked.body


@pytest.mark.parametrize("written", ["花子", "はなこ", "ハナコ", "ﾊﾅｺ"])
def test_a_child_is_found_under_every_family_name_it_had_and_however_its_name_is_written(
    tmp_path, monkeypatch, written
):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    opened = approved_workspace(tmp_path / "linked")
    run_id = publish(opened)
    found = find_children(opened, run_id, given_name=written, birth_date=date(2012, 6, 7))
    assert len(found) == 1
    assert find_children(opened, run_id, given_name=written, birth_date=date(2012, 6, 8)) == []
