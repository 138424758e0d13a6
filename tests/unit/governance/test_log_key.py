"""The log goes on under a new key that the old one introduced, and under no other; old checkpoints still hold."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from governance import wrapping
from governance.checkpoint import Checkpoint, stated
from governance.custody import Custody, signing_key
from governance.log_key import KEY_ORIGIN, LogKeys, introduction, parse_keys, read_keys
from governance.note import is_signed, make_witness_key
from governance.public_log import entry_proof, export_log, read_public_log, witness_request
from governance.rotation import rotate
from governance.runlog import Kind, append, entries, head
from governance.verify import verify
from governance.witness import countersign
from governance.workspace import Workspace
from tests.unit.governance.conftest import by_hand
from tests.unit.governance.forgery import fill, keep, newest, replace_log_key, write_anew
from vocabulary.errors import IntegrityError, WorkspaceError

OPERATOR = "os:operator"
VERIFIER = Path(__file__).resolve().parents[3] / "verifier/verify_log.py"


def keys_of(workspace):
    with workspace.reading() as connection:
        return read_keys(connection)


def said(workspace, **kept):
    return [str(found) for found in verify(workspace, kept=kept).findings]


def outsider(workspace, folder, key, *more):
    """What the outsider's verifier says of an export, with the key they were once given."""
    shutil.rmtree(folder / "export", ignore_errors=True)
    export_log(read_public_log(workspace), folder / "export")
    command = [sys.executable, "-I", VERIFIER, folder / "export", "--key", keep(folder, "given.vkey", key), *more]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout


@pytest.fixture
def rotated(workspace, tmp_path):
    """A workspace whose log key was replaced twice, and what was kept at each time: the key, and a checkpoint."""
    kept = []
    for _ in range(2):
        fill(workspace, 3)
        kept.append((str(keys_of(workspace)), newest(workspace)))
        rotate(workspace, "log", actor=OPERATOR)
    fill(workspace, 2)
    kept.append((str(keys_of(workspace)), newest(workspace)))
    return workspace, kept


def test_the_log_goes_on_and_every_checkpoint_kept_before_holds(rotated, tmp_path):
    workspace, kept = rotated
    assert said(workspace, **{f"kept-{at}": note for at, (_, note) in enumerate(kept)}) == []
    keys = keys_of(workspace)
    assert len({keys.first, *(key for _, key in keys.later)}) == 3
    assert (workspace.path / "checkpoints/log.vkey").read_text() == f"{keys}\n"
    assert parse_keys(f"{keys}\n") == keys
    for at, (key, note) in enumerate(kept):
        file = keep(tmp_path, f"kept-{at}.txt", note)
        code, told = outsider(workspace, tmp_path, key.partition("\n")[0], "--checkpoint", file)
        assert code == 0, told


def test_whoever_was_given_a_later_key_checks_what_was_signed_before_it(rotated, tmp_path):
    workspace, kept = rotated
    file = keep(tmp_path, "kept.txt", kept[0][1])
    for _, key in keys_of(workspace).later:
        assert outsider(workspace, tmp_path, str(key), "--checkpoint", file)[0] == 0


def test_the_first_checkpoint_under_a_new_key_is_signed_by_both(rotated):
    workspace, _ = rotated
    keys = keys_of(workspace)
    for since, key in keys.later:
        note, checkpoint = stated((workspace.path / f"checkpoints/{since:010d}.txt").read_text())
        assert checkpoint.size == since
        assert is_signed(note, key)
        assert is_signed(note, keys.at(since - 1))


def test_entries_are_proven_under_the_key_of_their_checkpoint(rotated, tmp_path):
    workspace, kept = rotated
    log = read_public_log(workspace)
    for at, note in enumerate((kept[0][1], None)):
        shown = json.dumps(entry_proof(log, 2, note=note, disclose=True), ensure_ascii=False)
        file = keep(tmp_path, f"entry-{at}.json", shown)
        assert outsider(workspace, tmp_path, kept[0][0], "--entry", file)[0] == 0


def test_a_witness_follows_the_log_to_its_new_key(rotated, tmp_path):
    workspace, kept = rotated
    make_witness_key(tmp_path / "council.key", "council.example.jp")
    secret = (tmp_path / "council.key").read_text()
    request = witness_request(read_public_log(workspace), kept[0][1])
    given = {"seen": kept[0][1], "witness_key": secret, "at": 2_000_000_000}
    assert countersign(request, log_key=keys_of(workspace), **given).checkpoint.size == head_size(workspace)
    with pytest.raises(IntegrityError):
        countersign(request, log_key=keys_of(workspace).first, **given)


def head_size(workspace):
    with workspace.reading() as connection:
        return head(connection).size


def test_a_key_that_the_old_one_never_introduced_is_refused(workspace, tmp_path):
    fill(workspace, 3)
    kept, key = newest(workspace), str(keys_of(workspace))
    replace_log_key(workspace)
    assert any("not signed by the key of this log" in line for line in said(workspace, kept=kept))
    assert outsider(workspace, tmp_path, key)[0] == 1


def forged_entry(workspace, folder):
    """Somebody without the old key puts their own in its place, and an entry that says it was introduced."""
    forger = Custody(folder / "forger")
    forger.create()
    keys = keys_of(workspace)
    new = signing_key(forger.opened("log"), keys.name)
    note = introduction(forger, LogKeys(new), new, head_size(workspace) + 1)  # twice by their own
    body = {"key": "log", "old": "-", "new": "-", "introduction": note}
    with workspace.writing() as connection:
        append(connection, actor=OPERATOR, kind=Kind.ROTATION, subject="keys/log", body=body)
    shutil.copy(forger.file("log"), workspace.custody.file("log"))
    return new, note


def test_an_introduction_that_the_old_key_did_not_sign_is_named_and_nothing_is_written_under_it(workspace, tmp_path):
    fill(workspace, 3)
    key = keys_of(workspace).first
    new, note = forged_entry(workspace, tmp_path)
    assert keys_of(workspace).current == key
    assert len([line for line in said(workspace) if "did not introduce" in line]) == 1
    with pytest.raises(IntegrityError):
        fill(workspace, 1)
    write_anew(workspace, lambda found: found)  # every checkpoint signed anew by the forger
    assert any("checkpoints/0000000001.txt" in line for line in said(workspace))
    folder = tmp_path / "export"
    folder.mkdir()
    leaves = b"".join(entry.leaf() + b"\n" for entry in all_entries(workspace))
    (folder / "leaves.jsonl").write_bytes(leaves)
    shutil.copy(workspace.path / f"checkpoints/{head_size(workspace):010d}.txt", folder / "checkpoint.txt")
    (folder / "log.vkey").write_text(f"{key}\n\n{note}")
    given = keep(tmp_path, "given.vkey", str(key))
    command = [sys.executable, "-I", str(VERIFIER), str(folder), "--key", str(given)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "did not introduce" in done.stdout
    assert new != key


def all_entries(workspace):
    with workspace.reading() as connection:
        return entries(connection)


def test_no_changed_character_of_an_introduction_is_taken(rotated):
    workspace, _ = rotated
    keys = keys_of(workspace)
    (first, *_), before = keys.introductions, LogKeys(keys.first)
    assert before.followed_by(first) is not None
    for at in range(0, len(first), 3):
        changed = first[:at] + ("A" if first[at] != "A" else "B") + first[at + 1 :]
        assert before.followed_by(changed) is None, at
    assert keys.followed_by(first) is None, "no key is introduced twice"
    assert LogKeys(keys.later[0][1]).followed_by(first) is None


def test_an_introduction_is_no_checkpoint_and_a_checkpoint_introduces_no_key(rotated):
    workspace, _ = rotated
    keys = keys_of(workspace)
    assert keys.followed_by(newest(workspace)) is None
    _, told = stated(keys.introductions[0])
    assert told.origin == keys.name + KEY_ORIGIN
    assert said(workspace, **{"kept": keys.introductions[0]}) != []
    assert isinstance(told, Checkpoint)


def test_a_moved_introduction_is_found(rotated):
    workspace, _ = rotated
    with workspace.reading() as connection:
        first, second = entries(connection, kinds=[Kind.ROTATION])
    by_hand(workspace, f"UPDATE log_entries SET body = '{second.body}' WHERE seq = {first.seq}")
    assert any("Entry" in line for line in said(workspace))


def test_a_lost_log_key_leaves_all_to_be_checked_and_nothing_to_be_written(approved, publish, tmp_path):
    publish(approved)
    file = approved.custody.file("log")
    key, held = str(keys_of(approved)), file.read_bytes()
    file.unlink()
    before = head_size(approved)
    with pytest.raises(WorkspaceError, match="the key is not there"):
        fill(approved, 1)
    with pytest.raises(WorkspaceError, match="the key is not there"):
        rotate(approved, "log", actor=OPERATOR)
    assert head_size(approved) == before
    assert said(approved, kept=newest(approved)) == []
    assert outsider(approved, tmp_path, key)[0] == 0
    approved.custody.create()  # another key in its place
    with pytest.raises(IntegrityError):
        fill(approved, 1)
    assert head_size(approved) == before
    file.write_bytes(held)  # from the copy
    fill(approved, 1)
    assert said(approved) == []


def killed_at(workspace, at):
    workspace.engine.dispose()
    child = os.fork()
    if child == 0:
        taken = 0

        def counted(step):
            def counting(*arguments, **named):
                nonlocal taken
                for act in (lambda: None, lambda: step(*arguments, **named)):
                    result = act()
                    if taken == at:
                        os.kill(os.getpid(), signal.SIGKILL)
                    taken += 1
                return result

            return counting

        os.fsync, os.replace, os.rename = map(counted, (os.fsync, os.replace, os.rename))
        try:
            rotate(Workspace.open(workspace.path), "log", actor=OPERATOR)
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.slow
def test_killed_at_any_step_the_log_goes_on_and_the_next_rotation_ends_it(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    made = Workspace.create(tmp_path / "workspace", actor=OPERATOR)
    fill(made, 2)
    made.engine.dispose()
    at, killed = 0, True
    while killed:
        folder = tmp_path / f"copy {at}"
        shutil.copytree(made.path, folder)
        copy = Workspace.open(folder)
        kept = newest(copy)
        killed = killed_at(copy, at)
        fill(copy, 1)  # whichever key signs
        assert said(copy, kept=kept) == []
        if killed:
            rotate(copy, "log", actor=OPERATOR)
        fill(copy, 1)
        assert said(copy, kept=kept) == []
        keys = keys_of(copy)
        assert 1 <= len(keys.later) <= 2
        assert (folder / "checkpoints/log.vkey").read_text() == f"{keys}\n"
        assert wrapping.described(copy.custody.file("log"))
        assert not [*folder.rglob("*.part"), *folder.rglob("*.new")]
        copy.engine.dispose()
        shutil.rmtree(folder)
        at += 1
    assert at > 15
