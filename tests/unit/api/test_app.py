"""What the application answers when something is wrong, and the headers of every answer."""

import pytest
from polars.exceptions import PanicException
from sqlalchemy.exc import SQLAlchemyError

from api.frame.guard import HEADERS
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError


@pytest.mark.parametrize(
    ("path", "status"),
    [("/flags", 200), ("/", 307), ("/nothing", 404), ("/flags?year=x", 422), ("/flags?page=0", 422), ("/docs", 404)],
)
def test_every_answer_has_every_header_and_is_a_page(workspace, ask, path, status):
    answer = ask(workspace, path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert status == 307 or answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize("host", ["example.org", "localhost.example.org", "127.0.0.2", "localhost:x", "localhost:", ""])
def test_another_name_is_refused(workspace, ask, host):
    answer = ask(workspace, "/flags", headers={"Host": host})
    assert answer.status_code == 421
    assert "<table" not in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("error", [OSError("disk"), RuntimeError("山田太郎"), PanicException("山田")])
def test_a_failure_shows_nothing_and_quotes_nothing(workspace, ask, monkeypatch, caplog, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(Workspace, "writing", fail)
    answer = ask(workspace, "/flags?lang=en")
    assert answer.status_code == 503
    assert "nothing is shown" in answer.text
    assert "山田" not in answer.text + caplog.text
    assert type(error).__name__ in caplog.text


def test_an_error_of_ours_is_logged_by_its_key_without_its_values(workspace, ask, monkeypatch, caplog):
    def fail(*_, **__):
        raise WorkspaceError("workspace.absent", folder="山田太郎")

    monkeypatch.setattr("api.children.published.read_artefact", fail)
    answer = ask(workspace, "/flags?lang=en")
    assert answer.status_code == 503
    assert "WorkspaceError workspace.absent" in caplog.text
    assert "山田" not in answer.text + caplog.text


@pytest.mark.parametrize(
    "error",
    [OSError("disk"), SQLAlchemyError("x"), WorkspaceError("workspace.absent", folder="x"), PanicException("x")],
)
@pytest.mark.parametrize(
    ("path", "route"),
    [("/children/p00003", "/children/{person_id}"), ("/api/v1/children/p00003", "/api/v1/children/{person_id}")],
)
def test_the_operators_log_names_the_route_and_no_child(workspace, ask, monkeypatch, caplog, path, route, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(Workspace, "writing", fail)
    assert ask(workspace, path).status_code == 503
    assert f"while answering GET {route}" in caplog.text
    assert "p00003" not in "".join(one.getMessage() for one in caplog.records if one.name == "mimamori")


def test_a_query_is_written_back_as_text(workspace, ask):
    answer = ask(workspace, "/flags?kind=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in answer.text
