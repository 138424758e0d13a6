"""A backup made while the workspace is in use restores to what it was, whole or not at all, and its age shows."""

import json
import os
import shutil
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from governance import backup as making
from governance import disposal, gate, restoring, wrapping
from governance.backup import LIST_FILE, backup
from governance.custody import DataClass
from governance.lock import ProcessLock
from governance.public_log import read_public_log
from governance.restoring import restore
from governance.rotation import rotate
from governance.runlog import Kind, entries
from governance.runs import list_runs, read_artefact
from governance.staging import stage
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.conftest import DAY, FRAME, sqlite_only
from vocabulary.errors import IntegrityError, UsageError, WorkspaceError

OPERATOR = "os:operator"


@pytest.fixture
def elsewhere(monkeypatch, request, workspace):
    """A function that sets the database for the restored workspace: on PostgreSQL an empty one."""
    monkeypatch.setenv("MIMAMORI_BACKUP_PASSPHRASE", "a passphrase for backups")
    if workspace.engine.dialect.name == "sqlite":
        yield
        return
    with request.getfixturevalue("postgresql").database() as url:
        monkeypatch.setenv("MIMAMORI_DATABASE", url)
        yield
    wrapping.forget()


def kept(workspace):
    return {"kept.txt": read_public_log(workspace).note}


def told(workspace):
    with workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[Kind.BACKUP])]


def test_a_restored_workspace_is_what_was_copied_and_fits_the_councils_checkpoint(
    approved, publish, elsewhere, tmp_path
):
    run_id = publish(approved)
    sealed = approved.custody.seal("note", b"told")
    made = backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    assert [one["step"] for one in told(approved)] == ["begun", "made"]
    council = {"kept.txt": (approved.path / "checkpoints" / f"{made.entries:010d}.txt").read_text()}
    done = restore(tmp_path / "copy", tmp_path / "again", keys=tmp_path / "keys.json", actor=OPERATOR)
    again = Workspace.open(tmp_path / "again")
    assert verify(again, kept=council).findings == ()
    assert read_artefact(again, run_id, "links").equals(FRAME)
    assert again.custody.unseal("note", sealed) == b"told"
    assert (done.entries, done.missing_keys, done.logged) == (made.entries, (), True)
    assert told(again)[-1]["list_sha256"] == told(approved)[-1]["list_sha256"]
    assert publish(again) in {run.run_id for run in list_runs(again)}


def test_keys_are_apart_and_sealed(approved, publish, elsewhere, tmp_path, monkeypatch):
    publish(approved)
    secrets = [approved.custody.opened(name) for name in ("root", "identities", "pseudonyms", "log")]
    written = [approved.custody.file(name).read_bytes().strip() for name in ("root", "identities", "pseudonyms", "log")]
    backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    everything = [*(tmp_path / "copy").rglob("*"), tmp_path / "keys.json"]
    held = b"".join(path.read_bytes() for path in everything if path.is_file())
    assert not any(secret in held for secret in secrets + written)
    assert {path.stat().st_mode & 0o077 for path in everything} == {0}
    restore(tmp_path / "copy", tmp_path / "shut", keys=None, actor=OPERATOR)
    with pytest.raises(WorkspaceError, match="the key is not there"):
        publish(Workspace.open(tmp_path / "shut"))
    monkeypatch.setenv("MIMAMORI_BACKUP_PASSPHRASE", "another passphrase")
    with pytest.raises(WorkspaceError, match="passphrase is wrong"):
        restore(tmp_path / "copy", tmp_path / "again", keys=tmp_path / "keys.json", actor=OPERATOR)
    assert not (tmp_path / "again").exists()


def test_keys_of_another_workspace_are_not_put_in(approved, elsewhere, tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    other = Workspace.create(tmp_path / "other", actor=OPERATOR)
    backup(other, tmp_path / "of other", keys=tmp_path / "other.json", actor=OPERATOR)
    backup(approved, tmp_path / "copy", keys=None, actor=OPERATOR)
    with pytest.raises(WorkspaceError, match="keys of another workspace"):
        restore(tmp_path / "copy", tmp_path / "again", keys=tmp_path / "other.json", actor=OPERATOR)


def test_an_older_backup_shows_against_a_checkpoint_kept_since(approved, publish, elsewhere, tmp_path):
    publish(approved)
    backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    publish(approved)
    council = kept(approved)
    restore(tmp_path / "copy", tmp_path / "again", keys=tmp_path / "keys.json", actor=OPERATOR)
    again = Workspace.open(tmp_path / "again")
    assert verify(again).findings == ()
    assert len(verify(again, kept=council).findings) == 1


def test_what_was_disposed_of_since_the_backup_is_disposed_of_again(
    approved, publish, elsewhere, tmp_path, monkeypatch
):
    run_id = publish(approved)
    day = disposal.today() + timedelta(days=4000)
    backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    monkeypatch.setattr("governance.disposal.today", lambda: day)
    disposal.dispose(approved, before=day, actor=OPERATOR)
    restore(tmp_path / "copy", tmp_path / "again", keys=tmp_path / "keys.json", actor=OPERATOR)
    again = Workspace.open(tmp_path / "again")
    assert read_artefact(again, run_id, "links").equals(FRAME), "it is back"
    assert [one.subject for one in disposal.dispose(again, before=day, actor=OPERATOR)] == [run_id]
    with pytest.raises(WorkspaceError, match="was destroyed"):
        read_artefact(again, run_id, "links")
    assert verify(again).findings == ()


def test_what_was_disposed_of_before_the_backup_is_not_in_it(approved, publish, elsewhere, tmp_path, monkeypatch):
    run_id = publish(approved)
    day = disposal.today() + timedelta(days=4000)
    monkeypatch.setattr("governance.disposal.today", lambda: day)
    disposal.dispose(approved, before=day, actor=OPERATOR)
    backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    copied = (tmp_path / "copy/runs" / run_id).rglob("*")
    assert {path.name for path in copied if path.is_file()} == {"manifest.json", "extracts.json"}, "which has no data"
    restore(tmp_path / "copy", tmp_path / "again", keys=tmp_path / "keys.json", actor=OPERATOR)
    assert verify(Workspace.open(tmp_path / "again")).findings == ()


def test_a_run_made_and_published_meanwhile_does_not_spoil_it(approved, publish, elsewhere, tmp_path, monkeypatch):
    first = publish(approved)
    grant = gate.admit(approved, "2026-03", today=DAY, delivered=["school"], actor=OPERATOR)
    copied = making._copy_file
    published = []

    def meanwhile(*arguments):
        if not published:
            published.append("second")
            run.publish(inputs=(), parameters={}, counts={}, seeds={})
        return copied(*arguments)

    monkeypatch.setattr("governance.backup._copy_file", meanwhile)
    with stage(approved, grant, actor=OPERATOR) as run:
        run.write_frame("flags", FRAME, DataClass.PSEUDONYMOUS)
        backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    assert [one.run_id for one in list_runs(approved)] == [first, run.run_id]
    restore(tmp_path / "copy", tmp_path / "again", keys=tmp_path / "keys.json", actor=OPERATOR)
    again = Workspace.open(tmp_path / "again")
    assert [one.run_id for one in list_runs(again)] == [first]
    assert verify(again).findings == ()
    monkeypatch.undo()
    with again.reading() as connection:
        begun = entries(connection, kinds=[Kind.RUN_STARTED])
    assert [entry.subject for entry in begun] == [first, run.run_id], "and is logged as failed by the next run"


@pytest.mark.parametrize("spoils", ["disposal", "rotation"])
def test_a_disposal_or_rotation_meanwhile_gives_it_up(approved, publish, elsewhere, tmp_path, monkeypatch, spoils):
    publish(approved)
    day = disposal.today() + timedelta(days=4000)
    monkeypatch.setattr("governance.disposal.today", lambda: day)
    copied, done = making._copy_file, []

    def meanwhile(*arguments):
        result = copied(*arguments)
        if not done:
            done.append(True)
            if spoils == "rotation":
                rotate(approved, "root", actor=OPERATOR)
            else:
                disposal.dispose(approved, before=day, actor=OPERATOR)
        return result

    monkeypatch.setattr("governance.backup._copy_file", meanwhile)
    with pytest.raises(WorkspaceError, match=r"went while it was copied|while files were copied"):
        backup(approved, tmp_path / "copy", keys=None, actor=OPERATOR)
    assert not list(tmp_path.glob("*copy*"))
    assert [one["step"] for one in told(approved)] == ["begun"]


def test_what_is_not_what_the_log_says_is_not_copied(approved, publish, elsewhere, tmp_path):
    run_id = publish(approved)
    with (approved.run_folder(run_id) / "flags.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(IntegrityError, match="is not what the log says"):
        backup(approved, tmp_path / "copy", keys=None, actor=OPERATOR)
    assert not list(tmp_path.glob("*copy*"))


@sqlite_only
def test_a_damaged_or_unfinished_backup_restores_nothing(approved, publish, elsewhere, tmp_path):
    publish(approved)
    backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    listed = json.loads((tmp_path / "copy" / LIST_FILE).read_text())["files"]
    for number, name in enumerate(sorted(listed)):
        broken = tmp_path / f"broken {number}"
        shutil.copytree(tmp_path / "copy", broken)
        if number % 2:
            (broken / name).unlink()
        else:
            (broken / name).write_bytes((broken / name).read_bytes()[:-1] + b"?")
        with pytest.raises(IntegrityError, match="is missing or not what was copied"):
            restore(broken, tmp_path / "again", keys=tmp_path / "keys.json", actor=OPERATOR)
        shutil.rmtree(broken)
    for name in ("../outside", "/tmp/outside"):
        shutil.copytree(tmp_path / "copy", tmp_path / "sly")
        document = json.loads((tmp_path / "sly" / LIST_FILE).read_text())
        (tmp_path / "sly" / LIST_FILE).write_text(json.dumps(document | {"files": {name: "0" * 64}}))
        with pytest.raises(IntegrityError):
            restore(tmp_path / "sly", tmp_path / "again", keys=None, actor=OPERATOR)
        shutil.rmtree(tmp_path / "sly")
    (tmp_path / "copy" / LIST_FILE).unlink()
    with pytest.raises(UsageError, match="no whole backup"):
        restore(tmp_path / "copy", tmp_path / "again", keys=None, actor=OPERATOR)
    assert not (tmp_path / "again").exists()


@sqlite_only
def test_nothing_that_stands_is_overwritten(approved, elsewhere, tmp_path):
    backup(approved, tmp_path / "copy", keys=None, actor=OPERATOR)
    with pytest.raises(UsageError, match="something stands there"):
        backup(approved, tmp_path / "copy", keys=None, actor=OPERATOR)
    with pytest.raises(UsageError, match="something stands there"):
        restore(tmp_path / "copy", approved.path, keys=None, actor=OPERATOR)


@sqlite_only
def test_without_postgresqls_client_one_line_says_so(approved, elsewhere, tmp_path, monkeypatch):
    backup(approved, tmp_path / "copy", keys=None, actor=OPERATOR)
    monkeypatch.setenv("MIMAMORI_DATABASE", "postgresql://mimamori@db.invalid/mimamori")
    with pytest.raises(WorkspaceError, match="another kind of database"):
        restore(tmp_path / "copy", tmp_path / "again", keys=None, actor=OPERATOR)
    monkeypatch.setattr("governance.dump.shutil.which", lambda program: None)
    from governance.dump import _client

    with pytest.raises(WorkspaceError, match="pg_dump is not installed"):
        _client("pg_dump", [], approved.engine.url)


def test_two_at_once_to_one_folder_do_not_spoil_each_other(approved, publish, elsewhere, tmp_path, monkeypatch):
    publish(approved)
    copied, refused = making._copy_file, []

    def meanwhile(*arguments):
        if not refused:
            with pytest.raises(WorkspaceError, match="another process is making it") as found:
                backup(approved, tmp_path / "copy", keys=tmp_path / "others.json", actor=OPERATOR)
            refused.append(found)
        return copied(*arguments)

    monkeypatch.setattr("governance.backup._copy_file", meanwhile)
    backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    assert refused
    assert not (tmp_path / "others.json").exists()
    restore(tmp_path / "copy", tmp_path / "again", keys=tmp_path / "keys.json", actor=OPERATOR)
    assert verify(Workspace.open(tmp_path / "again")).findings == ()
    assert not list(tmp_path.glob(".*mimamori*"))


@sqlite_only
@pytest.mark.parametrize("fails", ["keys", "flush", "rename"])
def test_a_backup_that_comes_to_nothing_leaves_no_keys(approved, elsewhere, tmp_path, monkeypatch, fails):
    written_through = os.fsync

    def full(*_):
        raise OSError(28, "No space left on device")

    def full_for_keys(descriptor):
        opened = Path(f"/proc/self/fd/{descriptor}").readlink()
        return full() if opened.name == "keys.json" else written_through(descriptor)

    with monkeypatch.context() as patched:
        if fails == "keys":
            patched.setattr("governance.flushing.os.fsync", full_for_keys)
        else:
            patched.setattr(
                {"flush": "governance.backup.flush", "rename": "governance.backup.Path.rename"}[fails], full
            )
        with pytest.raises(OSError, match="No space left"):
            backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    assert [path.name for path in tmp_path.iterdir()] == ["workspace"]
    assert backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR).files


@sqlite_only
def test_keys_that_stand_are_not_overwritten(approved, elsewhere, tmp_path):
    (tmp_path / "keys.json").write_text("of another")
    with pytest.raises(UsageError, match=r"something stands there already\. Remove it if"):
        backup(approved, tmp_path / "copy", keys=tmp_path / "keys.json", actor=OPERATOR)
    assert not (tmp_path / "copy").exists()
    assert (tmp_path / "keys.json").read_text() == "of another"


@pytest.fixture
def apart(elsewhere, workspace, tmp_path, monkeypatch):
    """The database of the restored workspace is elsewhere, on SQLite too."""
    if workspace.engine.dialect.name == "sqlite":
        monkeypatch.setenv("MIMAMORI_DATABASE", f"sqlite:///{tmp_path}/apart.db")


KILLED = [("load", "before"), ("load", "after"), ("_tell", "before"), ("_tell", "after"), ("rename", "after")]
"""Steps at the end of a restore at which its process is killed."""


@pytest.mark.parametrize(("step", "when"), KILLED)
def test_a_restore_killed_at_its_end_is_taken_up(approved, publish, apart, tmp_path, monkeypatch, step, when):
    run_id = publish(approved)
    copy, keys, target = tmp_path / "copy", tmp_path / "keys.json", tmp_path / "again"
    backup(approved, copy, keys=keys, actor=OPERATOR)
    approved.engine.dispose()
    child = os.fork()
    if child == 0:
        owner = Path if step == "rename" else restoring
        stepping = getattr(owner, step)

        def dying(*arguments, **named):
            last = step != "rename" or arguments[-1] == target
            result = None if when == "before" else stepping(*arguments, **named)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, step, dying)
        restore(copy, target, keys=keys, actor=OPERATOR)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    if step == "rename":
        assert target.exists()
    else:
        assert not target.exists()
        if (step, when) != ("load", "before"):
            with pytest.raises(WorkspaceError, match="restore the same backup to the same place again"):
                restore(copy, tmp_path / "another", keys=keys, actor=OPERATOR)
            assert not (tmp_path / "another").exists()
        assert restore(copy, target, keys=keys, actor=OPERATOR).logged
    again = Workspace.open(target)
    assert read_artefact(again, run_id, "links").equals(FRAME)
    assert [one["step"] for one in told(again)] == ["begun", "restored"]
    assert verify(again).findings == ()
    assert not list(tmp_path.glob("*mimamori-part")) + list(tmp_path.glob("*mimamori-ready"))


def test_a_database_that_went_on_since_is_not_taken_up(approved, publish, apart, tmp_path, monkeypatch):
    publish(approved)
    copy, keys, target = tmp_path / "copy", tmp_path / "keys.json", tmp_path / "again"
    backup(approved, copy, keys=keys, actor=OPERATOR)

    def fails(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("governance.restoring._tell", fails)
        with pytest.raises(OSError, match="No space left"):
            restore(copy, target, keys=keys, actor=OPERATOR)
    (ready,) = tmp_path.glob("*mimamori-ready")
    went_on = Workspace.open(ready)
    went_on.log(actor=OPERATOR, kind=Kind.VIEW, subject="page", body={})
    went_on.engine.dispose()
    with pytest.raises(WorkspaceError, match="The database is not empty"):
        restore(copy, target, keys=keys, actor=OPERATOR)
    assert not target.exists()


@sqlite_only
def test_a_restore_leaves_what_one_to_a_longer_name_needs(approved, apart, tmp_path, monkeypatch):
    copy, keys = tmp_path / "copy", tmp_path / "keys.json"
    backup(approved, copy, keys=keys, actor=OPERATOR)

    def fails(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("governance.restoring._tell", fails)
        for name in ("city.test", "city"):
            patched.setenv("MIMAMORI_DATABASE", f"sqlite:///{tmp_path}/{name}.db")
            with pytest.raises(OSError, match="No space left"):
                restore(copy, tmp_path / name, keys=keys, actor=OPERATOR)
    (given_up,) = tmp_path.glob(".city.[!t]*.mimamori-ready")
    given_up.rename(given_up.with_name(".city.0123456789abcdef.mimamori-ready"))  # of another backup
    monkeypatch.setenv("MIMAMORI_DATABASE", f"sqlite:///{tmp_path}/another.db")
    restore(copy, tmp_path / "city", keys=keys, actor=OPERATOR)
    assert [path.name[: len(".city.test.")] for path in tmp_path.glob(".city*mimamori-ready")] == [".city.test."]
    monkeypatch.setenv("MIMAMORI_DATABASE", f"sqlite:///{tmp_path}/city.test.db")
    assert restore(copy, tmp_path / "city.test", keys=keys, actor=OPERATOR).logged
    assert not list(tmp_path.glob(".*mimamori*"))


@sqlite_only
def test_two_restores_at_once_to_one_place_do_not_spoil_each_other(approved, publish, elsewhere, tmp_path, monkeypatch):
    run_id = publish(approved)
    copy, keys, target = tmp_path / "copy", tmp_path / "keys.json", tmp_path / "again"
    backup(approved, copy, keys=keys, actor=OPERATOR)
    steps = {step: getattr(restoring, step) for step in ("_put_together", "load", "_tell")}
    refused = []

    def meanwhile(step):
        def stepping(*arguments, **named):
            with pytest.raises(WorkspaceError, match="another process is making it"):
                restore(copy, target, keys=keys, actor=OPERATOR)
            refused.append(step)
            return steps[step](*arguments, **named)

        return stepping

    for step in steps:
        monkeypatch.setattr(restoring, step, meanwhile(step))
    restore(copy, target, keys=keys, actor=OPERATOR)
    assert refused == list(steps)
    again = Workspace.open(target)
    assert read_artefact(again, run_id, "links").equals(FRAME)
    assert [one["step"] for one in told(again)] == ["begun", "restored"]
    assert verify(again).findings == ()
    assert not list(tmp_path.glob(".*mimamori*"))


@sqlite_only
def test_a_client_that_outlives_a_killed_restore_keeps_the_next_one_waiting(approved, tmp_path, monkeypatch):
    from governance.dump import _client

    program = tmp_path / "pg_restore"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/began\nwhile [ ! -e {tmp_path}/done ]; do sleep 0.05; done\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    lock = ProcessLock(tmp_path / "restore.lock")
    child = os.fork()
    if child == 0:
        lock.take()
        _client("pg_restore", [], make_url("postgresql://mimamori@db.invalid/x"), inherited=(lock.descriptor,))
        os._exit(0)
    while not (tmp_path / "began").exists():
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not lock.take()
    (tmp_path / "done").touch()
    while not lock.take():
        time.sleep(0.01)
    lock.release()


def killed_at(act, at):
    """Run `act` in a process that is killed at its step `at`: each flush, copy and renaming, before and after."""
    child = os.fork()
    if child == 0:
        taken = 0

        def counted(step):
            def counting(*arguments, **named):
                nonlocal taken
                for stage_ in (lambda: None, lambda: step(*arguments, **named)):
                    result = stage_()
                    if taken == at:
                        os.kill(os.getpid(), signal.SIGKILL)
                    taken += 1
                return result

            return counting

        os.rename, os.replace, shutil.copyfile = map(counted, (os.rename, os.replace, shutil.copyfile))
        os.unlink, os.mkdir = map(counted, (os.unlink, os.mkdir))
        try:
            act()
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@sqlite_only
@pytest.mark.slow
def test_killed_at_any_moment_there_is_a_whole_backup_or_none(approved, publish, elsewhere, tmp_path):
    run_id = publish(approved)
    approved.engine.dispose()
    at, killed, whole = 0, True, 0
    while killed:
        out, keys = tmp_path / f"copy {at}", tmp_path / f"keys {at}"
        killed = killed_at(
            lambda out=out, keys=keys: backup(Workspace.open(approved.path), out, keys=keys, actor=OPERATOR), at
        )
        for candidate in (out, tmp_path / f".{out.name}.mimamori-part"):
            if not candidate.exists():
                continue
            try:
                restore(candidate, tmp_path / "again", keys=keys if keys.exists() else None, actor=OPERATOR)
            except UsageError:
                assert candidate != out
                continue
            whole += 1
            again = Workspace.open(tmp_path / "again")
            assert read_artefact(again, run_id, "flags").equals(FRAME)
            assert verify(again).findings == ()
            again.engine.dispose()
            shutil.rmtree(again.path)
        if not out.exists():
            keys.unlink(missing_ok=True)
            backup(approved, out, keys=keys, actor=OPERATOR)  # and what was left does not hinder the next one
        assert not list(tmp_path.glob("*mimamori-part"))
        shutil.rmtree(out)
        approved.engine.dispose()
        at += 13
    assert at > 40, "it was killed at several places"
    assert whole >= 2


@sqlite_only
@pytest.mark.slow
def test_killed_at_any_moment_there_is_a_whole_workspace_or_none(approved, publish, elsewhere, tmp_path):
    run_id = publish(approved)
    copy, keys, target = tmp_path / "copy", tmp_path / "keys", tmp_path / "again"
    backup(approved, copy, keys=keys, actor=OPERATOR)
    at, killed = 0, True
    while killed:
        killed = killed_at(lambda: restore(copy, target, keys=keys, actor=OPERATOR), at)
        if not target.exists():
            restore(copy, target, keys=keys, actor=OPERATOR)
        again = Workspace.open(target)
        assert read_artefact(again, run_id, "flags").equals(FRAME)
        assert verify(again).findings == ()
        again.engine.dispose()
        shutil.rmtree(target)
        assert not list(tmp_path.glob(".*mimamori-part")) + list(tmp_path.glob(".*mimamori-ready"))
        at += 13
    assert at > 40, "it was killed at several places"
