"""Whoever holds the whole workspace, keys included, can make its log fit itself; not a checkpoint that lies outside."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from governance import proof, runlog
from governance.checkpoint import Checkpoint, signed_note
from governance.custody import Custody
from governance.note import cosign, make_witness_key, parse_note
from governance.public_log import read_public_log
from governance.runlog import Kind, stored_entries
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.conftest import sqlite_only
from tests.unit.governance.forgery import ATTACKS, dated, fill, newest, rewrite, split_view, truncate, write_anew
from vocabulary.errors import IntegrityError


def said(workspace, kept=None, witnesses=()):
    opened = Workspace.open(workspace.path)
    lines = [str(found) for found in verify(opened, kept=kept, witnesses=witnesses).findings]
    assert all("\n" not in line for line in lines)
    return lines


@pytest.fixture
def filled(workspace):
    fill(workspace)
    return workspace


@pytest.fixture
def witness(tmp_path):
    """A witness's public key, and a function that cosigns a note with it."""
    public = make_witness_key(tmp_path / "council.key", "council.example.jp")
    secret = (tmp_path / "council.key").read_text()

    def signed(note, at=None):
        moment = int(datetime.now(UTC).timestamp()) if at is None else at
        return note + cosign(parse_note(note), secret, moment)[0]

    return public, signed


def test_a_kept_checkpoint_fits_a_log_that_only_grew(filled, witness):
    public, signed = witness
    first = signed(newest(filled))
    fill(filled, 3)
    kept = {"first.txt": first, "second.txt": signed(newest(filled))}
    assert said(filled, kept, [public]) == []


def test_each_of_several_witnesses_must_have_cosigned_each_kept_checkpoint(filled, witness, tmp_path):
    public, signed = witness
    other = make_witness_key(tmp_path / "auditor.key", "auditor.example.jp")
    note = signed(newest(filled))
    both = (
        note + cosign(parse_note(note), (tmp_path / "auditor.key").read_text(), int(datetime.now(UTC).timestamp()))[0]
    )
    assert said(filled, {"both.txt": both}, [public, other]) == []
    (line,) = said(filled, {"both.txt": both, "one.txt": note}, [public, other])
    assert line.startswith("one.txt: no cosignature by auditor.example.jp")


@pytest.mark.parametrize(("attack", "expected"), ATTACKS)
def test_what_fits_itself_does_not_fit_a_kept_checkpoint(filled, attack, expected):
    kept = newest(filled)
    attack(filled)
    assert said(filled) == []
    (line,) = said(filled, {"council.txt": kept})
    assert line.startswith("council.txt: ")
    assert expected in line


@pytest.mark.parametrize(("attack", "expected"), ATTACKS)
def test_it_is_found_also_after_the_log_went_on(filled, attack, expected):
    kept = newest(filled)
    attack(filled)
    reopened = Workspace.open(filled.path)
    fill(reopened, 5)
    assert said(reopened) == []
    assert said(reopened, {"council.txt": kept}) != []


def test_an_entry_added_with_an_earlier_date_is_found_without_a_checkpoint(filled):
    kept = newest(filled)
    write_anew(filled, lambda found: [*found, dated(replace(found[-1], subject="run-before"), timedelta(days=-3))])
    (line,) = said(filled, {"council.txt": kept})
    assert line.startswith("Entry 8 of the run log is dated before an earlier entry")


@pytest.mark.parametrize("at", ["2026-04-01", "tomorrow", "9999-12-31T23:59:59.999999+09:00", ""])
def test_a_time_in_another_form_is_found(filled, at):
    write_anew(filled, lambda found: [*found[:-1], replace(found[-1], at=at)])
    assert any(line.startswith("Entry 7 of the run log is dated before") for line in said(filled))


def test_an_entry_dated_ahead_of_now_or_of_the_cosignature_that_covers_it_is_found(filled, witness):
    public, signed = witness
    write_anew(filled, lambda found: [*found[:-1], dated(found[-1], timedelta(hours=1))])
    lines = said(filled, {"council.txt": signed(newest(filled))}, [public])
    assert lines[0].startswith("Entry 7 of the run log is dated ahead of now")
    assert lines[1].startswith("council.txt: covers entry 7, which is dated after council.example.jp cosigned it")


def test_a_cosignature_that_is_missing_another_witnesss_or_false_is_found(filled, witness, tmp_path):
    public, signed = witness
    stranger = make_witness_key(tmp_path / "other.key", "council.example.jp")
    note = newest(filled)
    middle = len(note) + 60
    false = signed(note)[:middle] + ("A" if signed(note)[middle] != "A" else "B") + signed(note)[middle + 1 :]
    for kept, asked in ((note, public), (signed(note), stranger), (false, public)):
        (line,) = said(filled, {"council.txt": kept}, [asked])
        assert line.startswith("council.txt: no cosignature by council.example.jp that holds")
    assert said(filled, {"council.txt": false}) == []  # signatures of unknown keys are passed over


def test_the_three_lines_printed_in_minutes_are_enough(filled, witness):
    printed = newest(filled).split("\n\n")[0]
    fill(filled, 2)
    assert said(filled, {"minutes.txt": printed}) == said(filled, {"minutes.txt": f"{printed}\n"}) == []
    assert "no cosignature" in said(filled, {"minutes.txt": printed}, [witness[0]])[0]
    rewrite(filled)
    (line,) = said(filled, {"minutes.txt": printed})
    assert line.startswith("minutes.txt: the first 7 entries are not those")


@sqlite_only
def test_another_database_in_the_place_of_this_one_is_found_without_a_checkpoint(filled, tmp_path):
    other = Workspace.create(tmp_path / "other", actor="os:operator")
    fill(other, 8)
    filled.engine.dispose()
    other.engine.dispose()
    for name in ("mimamori.db", "mimamori.db-wal", "mimamori.db-shm"):
        (filled.path / name).unlink(missing_ok=True)
        if (other.path / name).exists():
            shutil.copy(other.path / name, filled.path)
    assert said(filled)[0].startswith("checkpoints/log.vkey: not the public key in the log's first entry")


@pytest.mark.parametrize("size", [3, 99])
def test_a_forged_checkpoint_is_found(filled, tmp_path, size):
    forger = Custody(tmp_path / "forger")
    forger.create()
    origin = read_public_log(filled).key.name
    for note in (
        signed_note(Checkpoint(origin, size, bytes(32)), forger),
        newest(filled).replace("\n7\n", f"\n{size}\n"),
        "",
    ):
        (line,) = said(filled, {"council.txt": note})
        assert line.startswith("council.txt: not signed by the key of this log")


@sqlite_only
def test_two_genuine_checkpoints_that_contradict_each_other_are_named(filled, tmp_path):
    shutil.copytree(filled.path, tmp_path / "copy")
    shown_to_a = newest(filled)
    other = Workspace.open(tmp_path / "copy")
    split_view(other)
    kept = {"a.txt": shown_to_a, "b.txt": newest(other)}
    lines = said(filled, kept)
    assert lines[0].startswith("b.txt: the first 7 entries are not those that were signed")
    assert lines[1].startswith("a.txt and b.txt: both are signed, and differ about the same 7 entries")


def test_a_log_without_its_beginning_proves_nothing(filled):
    kept = newest(filled)
    with filled.engine.connect().execution_options(writer=True) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE log_entries SET body = '{}' WHERE seq = 1")
    assert any("first entry is gone or was edited" in line for line in said(filled, {"council.txt": kept}))


def test_nothing_is_published_of_a_log_that_does_not_fit_its_newest_checkpoint(filled):
    with filled.engine.connect().execution_options(writer=True) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE log_entries SET actor = 'os:nobody' WHERE seq = 3")
    with pytest.raises(IntegrityError, match="does not fit its newest checkpoint"):
        read_public_log(filled)


@pytest.mark.parametrize("attack", [rewrite, truncate])
def test_old_checkpoints_are_held_against_the_log_whatever_is_verified_of_them(filled, attack, monkeypatch, tmp_path):
    """Of many checkpoints only the newest ones' signatures are verified, and those of what does not fit."""
    monkeypatch.setattr(proof, "SIGNATURES_VERIFIED", 2)
    shutil.copytree(filled.path / "checkpoints", tmp_path / "kept")
    assert said(filled) == []
    third, last = (filled.path / "checkpoints" / f"000000000{size}.txt" for size in (3, 7))
    third.write_text(third.read_text("utf-8").replace("\n3\n", "\n2\n"), "utf-8")
    assert said(filled)[0].startswith("checkpoints/0000000003.txt: its signature does not hold")
    shutil.copy(tmp_path / "kept" / third.name, third)
    last.write_text(last.read_text("utf-8")[:-6] + "AAA=\n", "utf-8")
    assert any("0000000007.txt: its signature does not hold" in line for line in said(filled))
    attack(filled)
    for path in (tmp_path / "kept").glob("*.txt"):
        shutil.copy(path, filled.path / "checkpoints")
    assert said(filled) != []


def test_the_clock_put_back_does_not_put_an_entry_back(filled, monkeypatch):
    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2020, 1, 1, tzinfo=tz)

    monkeypatch.setattr(runlog, "datetime", Earlier)
    filled.log(actor="os:operator", kind=Kind.VIEW, subject="run", body={})
    with filled.reading() as connection:
        *_, before, last = stored_entries(connection)
    assert last.at == before.at
    monkeypatch.undo()
    assert said(filled) == []
