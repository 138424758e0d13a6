"""A wrapping key is replaced whole or not yet, wherever its process is killed, and everything can be read meanwhile."""

import os
import shutil
import signal

import pytest

from governance import gate, register, runs, wrapping
from governance.custody import DataClass, write_secret
from governance.rotation import rewrap, rotate
from governance.runlog import Kind, entries
from governance.staging import stage
from governance.verify import verify
from governance.workspace import Workspace
from governance.wrapping import Method
from tests.unit.governance.conftest import APPROVAL, DAY, FRAME
from vocabulary.errors import IntegrityError, WorkspaceError
from vocabulary.source import load_sources


@pytest.fixture
def held(approved, publish):
    """A workspace with a published run, and a text sealed in the database for each class."""
    return filled(approved, publish)


def filled(workspace, publish):
    run_id = publish(workspace)
    return workspace, run_id, {one: workspace.custody.seal("note", b"told", one) for one in DataClass}


def reads_all(workspace, run_id, sealed):
    assert runs.read_artefact(workspace, run_id, "flags").equals(FRAME)
    assert runs.read_artefact(workspace, run_id, "links").equals(FRAME)
    for data_class, text in sealed.items():
        assert workspace.custody.unseal("note", text, data_class) == b"told"
    assert verify(workspace).findings == ()


def rotations(workspace):
    with workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[Kind.ROTATION])]


@pytest.mark.parametrize("name", ["root", "identities"])
def test_a_rotated_key_opens_what_the_old_one_did_and_the_old_one_nothing(held, name):
    workspace, run_id, sealed = held
    file = workspace.custody.file(name)
    old = file.read_bytes()
    made = rotate(workspace, name, actor="os:operator")
    assert file.read_bytes() != old
    reads_all(workspace, run_id, sealed)
    assert made.files == 4  # two classes of the run, and of the database
    assert rotations(workspace) == [{"key": name, "old": made.old, "new": made.new, "files": 4}]
    file.write_bytes(old)
    with pytest.raises(IntegrityError, match="not the one it was made with"):
        runs.read_artefact(workspace, run_id, "flags" if name == "root" else "links")


def test_the_old_keys_bytes_are_overwritten_where_they_lay(held):
    workspace, _, _ = held
    file = workspace.custody.file("root")
    old = file.read_bytes()
    with file.open("rb") as still_open:
        rotate(workspace, "root", actor="os:operator")
        assert still_open.read() == bytes(len(old))


def steps_until_done(workspace, kill_at):
    """Rotate in a process of its own that is killed at its step `kill_at`; whether it was killed before it ended.

    A step is each flush and each renaming, taken before and after.
    """
    workspace.engine.dispose()
    child = os.fork()
    if child == 0:
        taken = 0

        def counted(step):
            def counting(*arguments, **named):
                nonlocal taken
                for act in (lambda: None, lambda: step(*arguments, **named)):
                    result = act()
                    if taken == kill_at:
                        os.kill(os.getpid(), signal.SIGKILL)
                    taken += 1
                return result

            return counting

        os.fsync, os.replace, os.rename = map(counted, (os.fsync, os.replace, os.rename))
        try:
            rotate(Workspace.open(workspace.path), "root", actor="os:operator")
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.slow
def test_killed_at_any_step_all_can_be_read_and_the_next_rotation_ends_it(publish, tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    workspace = Workspace.create(tmp_path / "workspace", actor="os:operator")
    register.add(workspace, APPROVAL, file="a.toml", sources=load_sources(), actor="os:operator")
    workspace, run_id, sealed = filled(workspace, publish)
    workspace.engine.dispose()
    old = wrapping.described(workspace.custody.file("root"))[1]
    kill_at, killed = 0, True
    while killed:
        folder = tmp_path / f"copy {kill_at}"
        shutil.copytree(workspace.path, folder)
        copy = Workspace.open(folder)
        killed = steps_until_done(copy, kill_at)
        reads_all(copy, run_id, sealed)
        if killed:
            rotate(copy, "root", actor="os:operator")
        reads_all(copy, run_id, sealed)
        logged = rotations(copy)
        now = wrapping.described(copy.custody.file("root"))[1]
        assert now == logged[-1]["new"] != old
        assert len({one["new"] for one in logged}) == len(logged) <= 2  # killed at the very end, it was over
        assert not copy.custody.following("root").exists()
        assert not [*folder.rglob("*.part"), *folder.rglob("*.new")]
        copy.engine.dispose()
        shutil.rmtree(folder)
        kill_at += 1
    assert kill_at > 20


def test_no_rotation_while_a_run_is_under_way(held):
    workspace, _, _ = held
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    before = workspace.custody.file("root").read_bytes()
    with stage(workspace, grant, actor="os:operator") as run:
        with pytest.raises(WorkspaceError, match="while a run is under way"):
            rotate(workspace, "root", actor="os:operator")
        run.write_frame("flags", FRAME, DataClass.PSEUDONYMOUS)
        run.publish(inputs=(), parameters={}, counts={}, seeds={})
    assert workspace.custody.file("root").read_bytes() == before
    assert rotations(workspace) == []


def test_a_data_key_that_cannot_be_opened_keeps_the_old_key(held):
    workspace, run_id, _ = held
    wrapped = workspace.run_folder(run_id) / "keys" / "statistics.json"
    good = wrapped.read_bytes()
    wrapped.write_text("{}")
    before = workspace.custody.file("root").read_bytes()
    with pytest.raises(IntegrityError):
        rotate(workspace, "root", actor="os:operator")
    wrapped.write_bytes(good)
    assert workspace.custody.file("root").read_bytes() == before
    assert runs.read_artefact(workspace, run_id, "flags").equals(FRAME)


def test_a_destroyed_data_key_stays_destroyed(held):
    workspace, run_id, _ = held
    wrapped = workspace.run_folder(run_id) / "keys" / "identities.json"
    wrapped.unlink()
    rotate(workspace, "identities", actor="os:operator")
    assert not wrapped.exists()


@pytest.mark.parametrize("name", ["pseudonyms", "none"])
def test_other_keys_are_not_rotated(approved, name):
    with pytest.raises(WorkspaceError, match="cannot be rotated"):
        rotate(approved, name, actor="os:operator")


def set_too(workspace, settings: str) -> None:
    """Add settings to those the workspace has, such as its database."""
    file = workspace.path / "mimamori.toml"
    held = file.read_text() if file.is_file() else ""
    file.write_text(f"{held}\n{settings}")


def test_a_key_is_put_under_a_passphrase_and_stays_the_same(held, monkeypatch):
    workspace, run_id, sealed = held
    plain = workspace.custody.file("pseudonyms").read_bytes()
    secret = workspace.custody.secret("spine")
    set_too(workspace, '[keys.root]\nmethod = "passphrase"\n[keys.pseudonyms]\nmethod = "passphrase"\n')
    for name in ("ROOT", "PSEUDONYMS"):
        monkeypatch.setenv(f"MIMAMORI_{name}_PASSPHRASE", "correct horse battery")
        monkeypatch.setenv(f"MIMAMORI_{name}_NEW_PASSPHRASE", "correct horse battery")
    again = Workspace.open(workspace.path)
    rewrap(again, "pseudonyms", actor="os:operator")
    rotate(again, "root", actor="os:operator")
    wrapping.forget()
    assert again.custody.secret("spine") == secret
    assert plain.strip() not in b"".join(path.read_bytes() for path in workspace.path.rglob("*") if path.is_file())
    assert wrapping.described(again.custody.file("root"))[0] is Method.PASSPHRASE
    reads_all(again, run_id, sealed)
    wrapping.forget()


def test_a_rotation_under_passphrases_is_ended_by_another_process(held, monkeypatch):
    workspace, run_id, sealed = held
    set_too(workspace, '[keys.root]\nmethod = "passphrase"\n')
    monkeypatch.setenv("MIMAMORI_ROOT_NEW_PASSPHRASE", "the first passphrase")
    again = Workspace.open(workspace.path)
    rewrap(again, "root", actor="os:operator")
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", "the first passphrase")
    monkeypatch.setenv("MIMAMORI_ROOT_NEW_PASSPHRASE", "the second passphrase")
    following = wrapping.wrapped("root", bytes(range(32)), again.custody.keeper("root"), following=True)
    write_secret(again.custody.following("root"), following)  # and killed
    wrapping.forget()
    reads_all(again, run_id, sealed)
    rotate(again, "root", actor="os:operator")
    wrapping.forget()
    monkeypatch.setenv("MIMAMORI_ROOT_PASSPHRASE", "the second passphrase")
    monkeypatch.delenv("MIMAMORI_ROOT_NEW_PASSPHRASE")
    reads_all(again, run_id, sealed)
    assert again.custody.opened("root") == bytes(range(32))
    wrapping.forget()
