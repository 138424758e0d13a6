"""`mimamori log` and `mimamori runs verify --checkpoint`: what is written, printed and refused."""

import json

import pytest
from typer.testing import CliRunner

from governance.runlog import Kind, entries
from governance.workspace import Workspace
from mimamori.cli import app
from tests.unit.governance.forgery import fill, rewrite
from vocabulary.errors import UsageError


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    monkeypatch.chdir(tmp_path)
    made = Workspace.create(tmp_path / "workspace", actor="os:operator")
    fill(made, 3)
    return made


def command(*arguments):
    """Run a command to its end; the result."""
    done = CliRunner().invoke(app, [*map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_the_council_keeps_cosigns_and_checks(workspace, tmp_path):
    """The whole of what docs/log.md tells the council to do."""
    key = tmp_path / "log.vkey"
    key.write_bytes((workspace.path / "checkpoints" / "log.vkey").read_bytes())
    command("log", "witness-key", "--name", "council.example.jp", "--out", "council.key")
    command("log", "checkpoint", "--out", "first.txt")
    cosigning = ("--log-key", key, "--key", "council.key")
    command("log", "countersign", "first.txt", *cosigning, "--out", "one.txt")
    fill(workspace, 2)
    command("log", "checkpoint", "--since", "one.txt", "--out", "request.txt")
    command("log", "countersign", "request.txt", *cosigning, "--seen", "one.txt", "--out", "two.txt")
    kept = ("--checkpoint", "one.txt", "--checkpoint", "two.txt", "--witness", "council.key.vkey")
    done = command("runs", "verify", *kept)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:2] == [
        "one.txt: the first 4 entries are as they were when it was signed.",
        "two.txt: the first 6 entries are as they were when it was signed.",
    ]
    rewrite(workspace)
    done = command("runs", "verify", *kept)
    assert done.exit_code == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["one.txt", "two.txt"]
    assert json.loads(command("runs", "verify", *kept, "--json").stdout)["altered"] is True


def test_a_checkpoint_is_printed_in_three_lines_and_its_signature(workspace):
    lines = command("log", "checkpoint").stdout.splitlines()
    assert lines[0].startswith("mimamori/run-log/2/")
    assert (lines[1], len(lines[2]), lines[3]) == ("4", 44, "")
    assert lines[4].startswith(f"— {lines[0]} ")
    assert json.loads(command("log", "checkpoint", "--json").stdout)["size"] == 4


def test_a_file_kept_on_another_system_is_read(workspace, tmp_path):
    """With a byte order mark and carriage returns, as an editor there may leave it."""
    note = command("log", "checkpoint").stdout
    (tmp_path / "kept.txt").write_bytes(b"\xef\xbb\xbf" + note.replace("\n", "\r\n").encode())
    assert command("runs", "verify", "--checkpoint", "kept.txt").exit_code == 0


def test_an_entry_is_proven_and_its_words_are_shown_only_if_asked(workspace, tmp_path):
    command("log", "proof", 2, "--out", "proof.json")
    assert json.loads((tmp_path / "proof.json").read_text("utf-8")).keys() == {"leaf", "proof", "checkpoint"}
    shown = json.loads(command("log", "proof", 2, "--disclose").stdout)
    assert json.loads(shown["withheld"])["actor"] == "os:operator"
    with workspace.reading() as connection:
        (told,) = entries(connection, kinds=[Kind.DISCLOSURE])
    assert (told.seq, told.subject) == (5, "log/2"), "and who had them shown is in the log"


def test_an_export_says_what_it_wrote_and_goes_into_an_empty_folder(workspace, tmp_path):
    result = json.loads(command("log", "export", "--out", "public", "--json").stdout)
    assert result["entries"] == 4
    assert {path.name for path in (tmp_path / "public").iterdir()} == set(result["files"])
    with pytest.raises(UsageError, match="public"):
        command("log", "export", "--out", "public")


def test_nothing_that_stands_is_overwritten(workspace):
    command("log", "checkpoint", "--out", "kept.txt")
    with pytest.raises(UsageError, match=r"kept\.txt: is there already"):
        command("log", "checkpoint", "--out", "kept.txt")
    command("log", "witness-key", "--name", "council", "--out", "council.key")
    with pytest.raises(UsageError, match=r"council\.key: is there already"):
        command("log", "witness-key", "--name", "council", "--out", "council.key")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b"])
def test_a_witnesss_name_is_one_that_a_note_can_carry(workspace, name):
    with pytest.raises(UsageError, match="cannot be a witness's name"):
        command("log", "witness-key", "--name", name, "--out", "council.key")


def test_files_that_are_not_what_they_should_be_are_said(workspace, tmp_path):
    (tmp_path / "text.txt").write_text("text\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"text\.txt: not a public key"):
        command("runs", "verify", "--checkpoint", "text.txt", "--witness", "text.txt")
    with pytest.raises(UsageError, match="--witness goes with --checkpoint"):
        command("runs", "verify", "--witness", "text.txt")
    for absent in ("binary", "nowhere.txt"):
        with pytest.raises(UsageError, match=f"{absent}: cannot be read"):
            command("runs", "verify", "--checkpoint", absent)
    assert command("runs", "verify", "--checkpoint", "text.txt").exit_code == 1
