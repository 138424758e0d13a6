"""A workspace is made whole in an empty folder, and opened only where there is one."""

import pytest

from governance.runlog import entries
from governance.verify import verify
from governance.workspace import Workspace, current_user, load_settings
from tests.unit.governance.conftest import sqlite_only
from vocabulary.errors import WorkspaceError


def test_a_new_workspace_is_whole_and_its_own(workspace):
    assert verify(workspace).findings == ()
    assert {path.name for path in workspace.path.iterdir()} >= {"keys", "checkpoints", "runs", "staging"}
    assert {path.stat().st_mode & 0o777 for path in (workspace.path / "keys").iterdir()} == {0o600}
    assert {(workspace.path / name).stat().st_mode & 0o777 for name in (".", "keys", "runs", "staging")} == {0o700}
    with workspace.reading() as connection:
        (entry,) = entries(connection)
    assert entry.kind == "workspace_created"
    assert entry.actor == "os:operator"
    assert (workspace.path / "checkpoints" / "log.vkey").read_text().strip() == entry.content["verifier_key"]


def test_it_is_opened_again(workspace):
    again = Workspace.open(workspace.path)
    assert again.settings == workspace.settings
    assert verify(again).findings == ()


def test_settings_sources_and_rules_may_stand_before(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    (tmp_path / "sources").mkdir()
    (tmp_path / "mimamori.toml").write_text("capacity = 0.03\n")
    (tmp_path / "indicators.toml").write_text("")
    workspace = Workspace.create(tmp_path)
    assert workspace.settings.capacity == 0.03
    assert workspace.sources_folder == tmp_path.resolve() / "sources"


def test_a_city_without_sources_of_its_own(workspace):
    assert workspace.sources_folder is None


def test_no_second_workspace_in_its_place(workspace):
    with pytest.raises(WorkspaceError, match="there is a workspace already"):
        Workspace.create(workspace.path)


def test_no_workspace_among_other_files(tmp_path):
    (tmp_path / "letter.txt").write_text("")
    with pytest.raises(WorkspaceError, match="holds other files"):
        Workspace.create(tmp_path)
    with pytest.raises(WorkspaceError, match="not a folder"):
        Workspace.create(tmp_path / "letter.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_no_second_workspace_on_one_database(tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_DATABASE", f"sqlite:///{tmp_path}/shared.db")
    Workspace.create(tmp_path / "one")
    with pytest.raises(WorkspaceError, match="belongs to another workspace"):
        Workspace.create(tmp_path / "two")


@sqlite_only
def test_where_there_is_none(tmp_path, workspace):
    with pytest.raises(WorkspaceError, match="mimamori init"):
        Workspace.open(tmp_path / "nowhere")
    (workspace.path / "mimamori.db").unlink()
    with pytest.raises(WorkspaceError, match="its database is gone"):
        Workspace.open(workspace.path)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("capacity = 2.0", "mimamori.toml: capacity: neither a share above 0 and up to 1.0, nor a number"),
        ("capacity = 0", "mimamori.toml: capacity: neither"),
        ("capacity = 0.0", "mimamori.toml: capacity: neither"),
        ("capacity = nan", "mimamori.toml: capacity: neither"),
        ("capacity = -3", "mimamori.toml: capacity: neither"),
        ("capacity = true", "mimamori.toml: capacity: neither"),
        ('capacity = "5"', "mimamori.toml: capacity: neither"),
        ("capasity = 0.02", "mimamori.toml: capasity: "),
        ("capacity", "mimamori.toml: not readable as TOML"),
    ],
)
def test_broken_settings_are_said_in_one_line(tmp_path, toml, message, monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    (tmp_path / "mimamori.toml").write_text(toml)
    with pytest.raises(WorkspaceError, match=message) as error:
        load_settings(tmp_path)
    assert "\n" not in str(error.value)


def test_the_environment_names_the_database_before_the_settings(tmp_path, monkeypatch):
    (tmp_path / "mimamori.toml").write_text('database = "sqlite:///a.db"')
    assert load_settings(tmp_path).database == "sqlite:///a.db"
    monkeypatch.setenv("MIMAMORI_DATABASE", "sqlite:///b.db")
    assert load_settings(tmp_path).database == "sqlite:///b.db"


def test_the_systems_user_is_told_by_the_system_and_cannot_be_an_accounts_name(monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody_else")
    monkeypatch.setenv("USER", "somebody_else")
    assert current_user().startswith("os:")
    assert "somebody_else" not in current_user()
