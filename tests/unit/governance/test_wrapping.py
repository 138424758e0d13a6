"""A key lies plainly, under a passphrase, or wrapped by a program; the program here is a real one, run as a process."""

import json
import os
import stat
import sys
import time

import pytest
from pydantic import ValidationError

from governance import wrapping
from governance.custody import Custody, DataClass
from governance.workspace import Workspace
from governance.wrapping import Keeper, Method
from vocabulary.errors import WorkspaceError

RUN = "20260601T000000000Z-aaaaaa"
PASSPHRASE = "correct horse battery"
UNDER_PASSPHRASE = Keeper(method=Method.PASSPHRASE)

PROGRAM = """\
import base64, hashlib, hmac, os, sys, time
from pathlib import Path

folder = Path(__file__).parent
(folder / "seen").open("a").write(repr((sys.argv[1:], sorted(os.environ))) + "\\n")
mode = (folder / "mode").read_text() if (folder / "mode").exists() else ""
verb, data = sys.argv[1], base64.b64decode(sys.stdin.readline())
if mode == "fails":
    sys.exit("secret: " + data.hex())
if mode == "slow":
    if os.fork() == 0:
        time.sleep(60)
    time.sleep(60)
key = b"kept by the service" + (mode.encode() if mode == "another" else b"")
stream = hashlib.shake_256(key).digest(len(data))
answer = bytes(a ^ b for a, b in zip(data, stream))
if mode == "untrue" and verb == "unwrap":
    answer = answer[::-1]
print("???" if mode == "speaks" else base64.b64encode(answer).decode())
"""


@pytest.fixture(autouse=True)
def nothing_is_held(monkeypatch):
    wrapping.forget()
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    yield
    wrapping.forget()


@pytest.fixture
def program(tmp_path):
    """A program that wraps keys, as a client of a key service would, and the settings that name it."""
    path = tmp_path / "service" / "client.py"
    path.parent.mkdir()
    path.write_text(PROGRAM)
    return path, Keeper(method=Method.COMMAND, command=(sys.executable, "-I", str(path)), timeout=20)


def custody_of(folder, keeper, *names):
    made = Custody(folder / "keys", dict.fromkeys(names, keeper))
    made.create()
    return made


def read_again(custody):
    """What a new process reads."""
    wrapping.forget()
    return custody.opened("root")


def test_a_passphrase_opens_the_key_and_the_file_holds_it_not(tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", PASSPHRASE)
    custody = custody_of(tmp_path, UNDER_PASSPHRASE, "root")
    key = read_again(custody)
    keys = custody.new_run_keys(RUN, tmp_path / "wrapped")
    stored = keys.encrypt(DataClass.STATISTICS, "name", b"content")
    wrapping.forget()
    assert keys.decrypt(DataClass.STATISTICS, "name", stored) == b"content"
    content = custody.file("root").read_bytes()
    assert json.loads(content)["memory_cost"] >= 64 * 1024
    assert key not in content
    assert wrapping.base64.b64encode(key) not in content
    assert stat.S_IMODE(custody.file("root").stat().st_mode) == 0o600


def test_a_wrong_or_absent_passphrase_is_one_line_that_shows_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", PASSPHRASE)
    custody = custody_of(tmp_path, UNDER_PASSPHRASE, "root")
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", "another passphrase")
    with pytest.raises(WorkspaceError, match="passphrase is wrong") as raised:
        read_again(custody)
    assert "another" not in str(raised.value)
    monkeypatch.delenv("MIMAMORI_ROOT_PASSPHRASE")
    with pytest.raises(WorkspaceError, match="MIMAMORI_ROOT_PASSPHRASE_FD"):
        read_again(custody)


def test_a_passphrase_comes_from_a_descriptor(tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", PASSPHRASE)
    custody = custody_of(tmp_path, UNDER_PASSPHRASE, "root")
    key = custody.opened("root")
    monkeypatch.delenv("MIMAMORI_ROOT_PASSPHRASE")
    reading, writing = os.pipe()
    os.write(writing, f"{PASSPHRASE}\n".encode())
    os.close(writing)
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE_FD", str(reading))
    assert read_again(custody) == key
    wrapping.forget()
    with pytest.raises(WorkspaceError, match="no passphrase can be read from this descriptor"):
        custody.opened("root")  # it was read and closed


def test_a_short_passphrase_makes_no_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", "short")
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "mimamori.toml").write_text('[keys.root]\nmethod = "passphrase"\n')
    with pytest.raises(WorkspaceError, match="12 characters or more"):
        Workspace.create(tmp_path / "w")
    assert [path.name for path in (tmp_path / "w").iterdir()] == ["mimamori.toml"]
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", PASSPHRASE)
    made = Workspace.create(tmp_path / "w")
    assert wrapping.described(made.custody.file("root"))[0] is Method.PASSPHRASE


def test_a_file_cannot_ask_for_all_the_memory_there_is(tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", PASSPHRASE)
    custody = custody_of(tmp_path, UNDER_PASSPHRASE, "root")
    document = json.loads(custody.file("root").read_bytes())
    custody.file("root").write_text(json.dumps(document | {"memory_cost": 2**31}))
    with pytest.raises(WorkspaceError, match="not readable as a key"):
        read_again(custody)


def test_a_program_wraps_and_unwraps_and_sees_no_secret_but_on_its_input(tmp_path, program, monkeypatch):
    monkeypatch.setenv("MIMAMORI_IDENTITIES_PASSPHRASE", PASSPHRASE)
    path, keeper = program
    custody = custody_of(tmp_path, keeper, "root")
    key = read_again(custody)
    content = custody.file("root").read_bytes()
    assert key not in content
    assert wrapping.base64.b64encode(key) not in content
    seen = path.with_name("seen").read_text()
    assert "['wrap', 'root']" in seen
    assert "['unwrap', 'root']" in seen
    assert "MIMAMORI_" not in seen
    asked = seen.count("\n")
    assert custody.opened("root") == key
    assert path.with_name("seen").read_text().count("\n") == asked  # not asked for each file


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("fails", "ended unwrap with exit code 1"),
        ("speaks", "not one line of base64"),
        ("another", "what was opened is another key"),
    ],
)
def test_what_a_program_does_wrong_is_one_line(tmp_path, program, mode, said):
    path, keeper = program
    custody = custody_of(tmp_path, keeper, "root")
    path.with_name("mode").write_text(mode)
    with pytest.raises(WorkspaceError, match=said) as raised:
        read_again(custody)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_program_that_does_not_give_back_what_it_got_is_given_no_key(tmp_path, program):
    path, keeper = program
    path.with_name("mode").write_text("untrue")
    with pytest.raises(WorkspaceError, match="does not unwrap what it wrapped"):
        custody_of(tmp_path, keeper, "root")
    assert not (tmp_path / "keys").exists()


def test_a_slow_program_is_ended_with_whatever_it_started(tmp_path, program):
    path, keeper = program
    custody = custody_of(tmp_path, keeper, "root")
    path.with_name("mode").write_text("slow")
    slow = Custody(custody.folder, {"root": keeper.model_copy(update={"timeout": 1.0})})
    begun = time.monotonic()
    with pytest.raises(WorkspaceError, match=r"did not answer unwrap within 1\.0 seconds"):
        read_again(slow)
    assert time.monotonic() - begun < 30  # the program and its child sleep for 60


def test_a_program_that_is_not_there_or_not_set_is_said(tmp_path, program):
    _, keeper = program
    custody = custody_of(tmp_path, keeper, "root")
    gone = Custody(custody.folder, {"root": Keeper(method=Method.COMMAND, command=("/nowhere/client",))})
    with pytest.raises(WorkspaceError, match="/nowhere/client cannot be started"):
        read_again(gone)
    with pytest.raises(WorkspaceError, match="names no command"):
        read_again(Custody(custody.folder))


@pytest.mark.parametrize(
    "settings", [{"method": "command"}, {"command": ["/bin/x"]}, {"method": "command", "command": ["x"]}]
)
def test_settings_that_name_no_program_or_not_by_its_path_are_refused(settings):
    with pytest.raises(ValidationError):
        Keeper.model_validate(settings)


def test_identities_lie_with_another_custodian_and_the_rest_works_without(tmp_path, monkeypatch):
    away = Keeper(folder=tmp_path / "medium")
    custody = custody_of(tmp_path, away, "identities")
    assert not (custody.folder / "identities.key").exists()
    keys = custody.new_run_keys(RUN, tmp_path / "wrapped")
    stored = {data_class: keys.encrypt(data_class, "name", b"content") for data_class in DataClass}
    (tmp_path / "medium").rename(tmp_path / "taken away")
    assert keys.decrypt(DataClass.PSEUDONYMOUS, "name", stored[DataClass.PSEUDONYMOUS]) == b"content"
    with pytest.raises(WorkspaceError, match=r"medium/identities\.key: the key is not there"):
        keys.decrypt(DataClass.IDENTITIES, "name", stored[DataClass.IDENTITIES])
