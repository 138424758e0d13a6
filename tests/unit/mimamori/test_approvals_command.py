"""`mimamori approvals`: amendments, owners and countersignatures from the command line."""

import hashlib
import json

import pytest
from typer.testing import CliRunner

from governance.workspace import Workspace
from mimamori.cli import app
from tests.unit.governance.conftest import APPROVAL
from vocabulary.errors import ApprovalError

PASSWORD = "correct horse battery"
LIST = b"source,local_id\nschool,1\n"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    monkeypatch.setenv("MIMAMORI_PASSWORD", PASSWORD)
    monkeypatch.chdir(tmp_path)
    return Workspace.create(tmp_path / "workspace", actor="os:operator")


def command(*arguments):
    """What a command prints, once it has ended well."""
    done = CliRunner().invoke(app, [*map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def write(tmp_path, toml, name="a.toml"):
    (tmp_path / name).write_text(toml, encoding="utf-8")
    return tmp_path / name


def test_an_amendment_shows_what_it_changes(workspace, tmp_path):
    command("approvals", "add", write(tmp_path, APPROVAL))
    amended = write(tmp_path, APPROVAL.replace("max_runs = 4", "max_runs = 5"))
    said = command("approvals", "amend", "2026-03", amended)
    assert "Registered version 2 of approval 2026-03" in said
    assert "Runs allowed: 4 → 5" in said
    shown = command("approvals", "show", "2026-03")
    assert "superseded" in shown
    described = json.loads(command("approvals", "show", "2026-03", "--json"))
    assert (described["version"], described["max_runs"]) == (2, 5)
    assert [one["state"] for one in described["versions"]] == ["superseded", "in_force"]


def test_optional_fields_are_shown_in_both_languages(workspace, tmp_path, monkeypatch):
    stated = (
        'kind = "決裁"\nconditions = ["支援の検討に限る"]\n'
        f'[population]\nages = [0, 17]\nlisted = "{hashlib.sha256(LIST).hexdigest()}"\n'
        '[rules]\nindicators = "a1"\n[sources]'
    )
    (tmp_path / "list.csv").write_bytes(LIST)
    command("approvals", "add", write(tmp_path, APPROVAL.replace("[sources]", stated)), "--listed", "list.csv")
    for language, label in (("en", "Population "), ("ja", "対象者 ")):
        monkeypatch.setenv("MIMAMORI_LANG", language)
        shown = command("approvals", "show", "2026-03")
        assert label in shown
        assert all(said in shown for said in ("decision", "支援の検討に限る", "ages = 0, 17", "indicators = a1"))


def test_owners_countersign_under_their_accounts(workspace, tmp_path):
    people = {"abe": "administrator", "tanaka": "council", "gakko": "data_owner", "sato": "operator"}
    for name, role in people.items():
        told = command("users", "add", name, "--role", role, "--json", *(["--as", "abe"] if name != "abe" else []))
        if name == "sato":
            told = command("users", "confirm", name, "--as", "tanaka", "--json")
        command("users", "activate", name, "--token", json.loads(told)["token"])
    command("approvals", "owner", "school", "gakko", "--as", "tanaka")
    toml = write(tmp_path, 'countersigned_by = ["school"]\n' + APPROVAL)
    said = command("approvals", "add", toml, "--as", "sato")
    assert "waits for the owners of: school" in said
    assert "is confirmed" in command("approvals", "confirm", "2026-03", "--as", "tanaka")
    command("approvals", "countersign", "2026-03", "--source", "school", "--as", "gakko")
    described = json.loads(command("approvals", "show", "2026-03", "--json", "--as", "tanaka"))
    assert (described["state"], described["countersigned"]) == ("in_force", {"school": "gakko"})
    command("approvals", "amend", "2026-03", write(tmp_path, APPROVAL), "--as", "sato")
    command("approvals", "revoke", "2026-03", "--waiting", "--reason", "not needed", "--as", "tanaka")
    assert json.loads(command("approvals", "show", "2026-03", "--json", "--as", "sato"))["state"] == "in_force"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("approvals", "owner", "tax", "gakko"), "tax: no such source. Name one of: "),
        (("approvals", "add", "absent.toml"), "the approval file cannot be read"),
        (("approvals", "add", "a.toml", "--listed", "absent.csv"), "the list of numbers cannot be read"),
        (("approvals", "add", "a.toml", "--listed", "list.csv"), "names no list of numbers"),
    ],
)
def test_refusals_are_one_line(workspace, tmp_path, arguments, message):
    write(tmp_path, APPROVAL)
    (tmp_path / "list.csv").write_bytes(LIST)
    with pytest.raises(ApprovalError, match=message) as error:
        command(*arguments)
    assert "\n" not in str(error.value)
