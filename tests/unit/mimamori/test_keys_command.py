"""`mimamori keys`: what is printed of keys, and that none is; no core file is written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance import wrapping
from governance.workspace import Workspace
from mimamori.cli import app
from vocabulary.errors import UsageError, WorkspaceError

PASSPHRASE = "correct horse battery"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    wrapping.forget()
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    monkeypatch.chdir(tmp_path)
    yield Workspace.create(tmp_path / "workspace", actor="os:operator")
    wrapping.forget()


def command(*arguments):
    """Run a command to its end; what it printed."""
    done = CliRunner().invoke(app, [*map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_the_state_of_every_key_and_no_key(workspace):
    keys = [workspace.custody.file(name).read_text().strip() for name in ("root", "identities", "pseudonyms", "log")]
    shown = command("keys", "status") + command("keys", "status", "--json")
    assert not any(key in shown for key in keys)
    told = json.loads(command("keys", "status", "--json"))
    assert [(one["name"], one["method"], one["unfinished"]) for one in told] == [
        ("root", "file", False),
        ("identities", "file", False),
        ("pseudonyms", "file", False),
        ("log", "file", False),
    ]


def test_a_key_that_is_elsewhere_and_one_that_is_not_yet_as_set_are_said(workspace):
    workspace.custody.file("identities").unlink()
    (workspace.path / "mimamori.toml").write_text('[keys.root]\nmethod = "passphrase"\n')
    shown = command("keys", "status")
    assert "not there (" in shown
    assert "mimamori keys rewrap root" in shown


def test_a_rotation_and_a_new_wrapping_are_told_by_ids(workspace, monkeypatch):
    before = wrapping.described(workspace.custody.file("root"))[1]
    told = json.loads(command("keys", "rotate", "root", "--json"))
    after = wrapping.described(workspace.custody.file("root"))[1]
    assert (told["old"], told["new"]) == (before, after)
    (workspace.path / "mimamori.toml").write_text('[keys.root]\nmethod = "passphrase"\n')
    with pytest.raises(WorkspaceError, match="MIMAMORI_ROOT_NEW_PASSPHRASE_FD"):
        command("keys", "rewrap", "root")
    monkeypatch.setenv("MIMAMORI_ROOT_NEW_PASSPHRASE", PASSPHRASE)
    assert PASSPHRASE not in command("keys", "rewrap", "root")
    assert wrapping.described(workspace.custody.file("root")) == (wrapping.Method.PASSPHRASE, after)


def test_a_name_that_is_no_key_is_wrong_usage(workspace):
    for verb in ("rotate", "rewrap"):
        with pytest.raises(UsageError, match="There is no key other"):
            command("keys", verb, "other")


def test_an_unfinished_rotation_is_said(workspace):
    following = workspace.custody.following("root")
    following.write_bytes(workspace.custody.file("root").read_bytes())
    following.chmod(0o600)
    assert "mimamori keys rotate root ends it" in command("keys", "status")


def test_no_command_leaves_a_core_file():
    code = (
        "import resource, sys\n"
        "allowed = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (allowed, allowed))\n"
        "sys.argv = ['mimamori', 'keys', '--help']\n"
        "from mimamori.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print(resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.splitlines()[-1] == "(0, 0)"
