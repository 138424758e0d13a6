"""Who saw what: logged before it is shown, counted by account and child, and told of when it is many."""

from datetime import UTC, date, datetime, timedelta

import pytest

from governance import access, views
from governance.account_state import Role
from governance.alerts import AlertKind, list_alerts
from governance.runlog import Kind, entries
from tests.accounts import enter
from tests.unit.governance.conftest import new_workspace
from vocabulary.errors import WorkspaceError

LONE = "os:operator"


def look(workspace, person=None, name=LONE, page="child", **body):
    views.log_view(workspace, access.actor(workspace, name), page, run_id="run-1", person_id=person, body=body)


@pytest.fixture
def few(tmp_path, database, monkeypatch):
    """A workspace in which others are told of more than two children a day."""
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    workspace = new_workspace(tmp_path / "few", database, "[access]\nviews_per_day = 2\n")
    enter(workspace, {"sato": Role.SUPPORT_WORKER, "ito": Role.SUPPORT_WORKER})
    return workspace


def told(workspace):
    return [(one.kind, one.about) for one in list_alerts(workspace)]


def test_a_view_names_page_run_and_child(workspace):
    look(workspace, "p-1", tab="history")
    with workspace.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.VIEW])
    assert (entry.actor, entry.subject) == (LONE, "run-1")
    assert entry.content == {"page": "child", "person": "p-1", "tab": "history"}


def test_what_a_caller_adds_does_not_take_the_childs_place(workspace):
    said = {"person": "p-2", "page": "another"}
    views.log_view(workspace, access.actor(workspace, LONE), "child", run_id="run-1", person_id="p-1", body=said)
    assert [(one.person_ids, one.page) for one in views.views(workspace)] == [(("p-1",), "child")]


def test_a_view_of_several_children_is_one_of_each(few):
    actor = access.actor(few, "sato")
    views.log_view(few, actor, "review", run_id="run-1", person_ids=["p-2", "p-1", "p-2"], body={"left": 3})
    with few.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.VIEW])
    assert entry.content == {"page": "review", "persons": ["p-1", "p-2"], "left": 3}
    assert [len(views.views(few, person_id=one)) for one in ("p-1", "p-2", "p-3")] == [1, 1, 0]
    assert views.by_actor(views.views(few)) == [("sato", "review", 1, 2)]
    assert told(few) == []
    views.log_view(few, actor, "review", run_id="run-1", person_ids=["p-2", "p-3"])
    assert told(few) == [(AlertKind.MANY_VIEWS, "sato")]


def test_what_is_on_a_list_is_not_opened(few):
    for person in ("p-1", "p-2", "p-3"):
        for page in views.LISTED:
            look(few, person, "sato", page)
    assert told(few) == []


def test_nothing_is_returned_where_the_log_cannot_be_written(workspace, monkeypatch):
    def unwritable(*_, **__):
        raise WorkspaceError("workspace.database_unreachable", problem="readonly")

    monkeypatch.setattr(views, "append", unwritable)
    with pytest.raises(WorkspaceError, match="readonly"):
        look(workspace, "p-1")
    assert views.views(workspace) == []


def test_who_saw_a_child_and_what_an_account_saw(few):
    for name, person, page in [
        ("sato", "p-1", "child"),
        ("sato", "p-1", "identity"),
        ("ito", "p-1", "child"),
        ("sato", "p-2", "child"),
        ("sato", None, "flags"),
    ]:
        look(few, person, name, page)
    assert [(one.actor, one.page) for one in views.views(few, person_id="p-1")] == [
        ("sato", "child"),
        ("sato", "identity"),
        ("ito", "child"),
    ]
    assert views.by_actor(views.views(few, actor="sato")) == [
        ("sato", "child", 2, 2),
        ("sato", "flags", 1, 0),
        ("sato", "identity", 1, 1),
    ]
    assert views.by_actor([]) == []


def test_only_looks_since_a_day(workspace):
    look(workspace, "p-1")
    today = datetime.now(UTC).date()
    assert len(views.views(workspace, since=today - timedelta(days=1))) == 1
    assert views.views(workspace, since=today + timedelta(days=1)) == []
    assert len(views.views(workspace, since=date(2000, 1, 1))) == 1


def test_others_are_told_once_of_many_children_in_a_day(few):
    for person in ("p-1", "p-2", "p-1", "p-2"):
        look(few, person, "sato")
        look(few, None, "sato", "flags")
    assert told(few) == []
    look(few, "p-3", "sato")
    assert told(few) == [(AlertKind.MANY_VIEWS, "sato")]
    look(few, "p-4", "sato")
    look(few, "p-1", "ito")
    assert told(few) == [(AlertKind.MANY_VIEWS, "sato")]
    for person in ("p-2", "p-3"):
        look(few, person, "ito")
    assert told(few) == [(AlertKind.MANY_VIEWS, "sato"), (AlertKind.MANY_VIEWS, "ito")]


def test_another_day_counts_anew(few, monkeypatch):
    for person in ("p-1", "p-2", "p-3"):
        look(few, person, "sato")

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr("governance.runlog.datetime", Tomorrow)
    for person in ("p-4", "p-5"):
        look(few, person, "sato")
    assert len(told(few)) == 1
    look(few, "p-6", "sato")
    assert len(told(few)) == 2


@pytest.mark.parametrize("limit", ["0", "-1", '"many"', "1.5"])
def test_the_number_of_a_day_is_a_whole_one(tmp_path, monkeypatch, limit):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    with pytest.raises(WorkspaceError, match="views_per_day"):
        new_workspace(tmp_path / "w", None, f"[access]\nviews_per_day = {limit}\n")
