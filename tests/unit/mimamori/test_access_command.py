"""`mimamori access`: from an emergency to its review, and who saw what, on the command line."""

import json

import pytest
from typer.testing import CliRunner

from governance import access, views
from governance.account_state import Role
from mimamori.cli import app
from tests.accounts import COUNCIL, PASSWORD, enter
from tests.unit.mimamori.learning_run import publish_learning
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import RefusalError, UsageError


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """A workspace with a worker's account, and a child of its run."""
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    monkeypatch.setenv("MIMAMORI_PASSWORD", PASSWORD)
    workspace = approved_workspace(tmp_path / "workspace")
    _, scene = publish_learning(workspace)
    enter(workspace, {"sato": Role.SUPPORT_WORKER})
    return workspace, scene.scores.table["person_id"][0]


def command(workspace, *arguments):
    done = CliRunner().invoke(app, ["access", *arguments, "--workspace", str(workspace.path)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_from_an_emergency_to_its_review(ran):
    workspace, child = ran
    given = json.loads(
        command(workspace, "break-glass", "--person", child, "--reason", "a call at night", "--as", "sato", "--json")
    )
    listed = command(workspace, "grants", "--as", COUNCIL)
    assert "a call at night" in listed
    assert child not in listed
    (alert,) = json.loads(command(workspace, "alerts", "--as", COUNCIL, "--json"))
    assert (alert["kind"], alert["about"]) == ("break_glass", given["id"])
    command(workspace, "acknowledge", alert["id"], "--as", COUNCIL)
    assert command(workspace, "alerts", "--as", COUNCIL) == "None yet.\n"
    assert given["id"] in command(workspace, "alerts", "--all", "--as", COUNCIL)
    said = command(workspace, "review", given["id"], "--verdict", "justified", "--reason", "so it was", "--as", COUNCIL)
    assert "justified" in said


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (("break-glass", "--person", "nobody", "--reason", "r", "--as", "sato"), UsageError, "no child of this id"),
        (("break-glass", "--person", "nobody", "--reason", "r", "--as", COUNCIL), RefusalError, "emergency access"),
        (("review", "x", "--verdict", "perhaps", "--reason", "r", "--as", COUNCIL), UsageError, "no verdict perhaps"),
        (("views", "--as", "sato"), RefusalError, "see who saw what"),
        (("alerts", "--as", "sato"), RefusalError, "acknowledge an alert"),
        (("grants", "--as", "sato"), RefusalError, "review an emergency access"),
    ],
)
def test_what_is_refused(ran, arguments, error, said):
    with pytest.raises(error, match=said):
        command(ran[0], *arguments)


def test_who_saw_a_child(ran):
    workspace, child = ran
    for person in (child, "p-another"):
        views.log_view(workspace, access.actor(workspace, "sato"), "child", run_id="run-1", person_id=person)
    told = json.loads(command(workspace, "views", "--person", child, "--as", COUNCIL, "--json"))
    assert told["counts"] == [{"actor": "sato", "page": "child", "times": 1, "children": 1}]
    assert [(one["actor"], one["of"]) for one in told["views"]] == [("sato", "run-1")]
    counted = command(workspace, "views", "--actor", "sato", "--as", COUNCIL)
    assert "sato" in counted
    assert child not in counted
