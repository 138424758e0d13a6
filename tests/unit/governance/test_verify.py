"""Every way of altering what is held is found, and said in one line."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import accounts, gate, runs
from governance.account_state import Role
from governance.custody import DataClass
from governance.merkle import push
from governance.proof import read_log
from governance.recovery import SET_ASIDE
from governance.runlog import FIRST_PREVIOUS, Kind, entries
from governance.staging import stage
from governance.verify import Verification, verify
from governance.workspace import Workspace
from tests.unit.governance.conftest import DAY, FRAME, by_hand, sqlite_only
from vocabulary.errors import IntegrityError, WorkspaceError


def said(workspace: Workspace, run_id: str | None = None) -> list[str]:
    lines = [str(found) for found in verify(workspace, run_id).findings]
    assert all("\n" not in line for line in lines)
    return lines


@pytest.fixture
def run_id(approved: Workspace, publish: Callable[[Workspace], str]) -> str:
    accounts.add(approved, "sato", Role.ADMINISTRATOR, actor="os:operator")
    return publish(approved)


def test_an_untouched_workspace_has_no_finding(approved, run_id, publish):
    publish(approved)
    assert verify(approved) == Verification(findings=(), entries=7, runs=2)
    assert verify(approved, run_id) == Verification(findings=(), entries=7, runs=1)


def test_an_edited_body_is_found(approved, run_id):
    by_hand(
        approved, "UPDATE log_entries SET body = replace(body, 'school.csv', 'other.csv') WHERE kind = 'run_published'"
    )
    assert said(approved)[0].startswith("Entry 5 of the run log was edited")


@pytest.mark.parametrize("column", ["at", "actor", "kind", "subject", "body", "salt", "previous_hash", "entry_hash"])
def test_an_edited_field_is_found(approved, run_id, column):
    by_hand(approved, f"UPDATE log_entries SET {column} = '{'0' * 32}' WHERE seq = 2")
    assert any(line.startswith("Entry 2 of") for line in said(approved))


def test_an_edited_body_whose_hash_was_made_to_fit_is_found(approved, run_id):
    with approved.reading() as connection:
        entry = entries(connection)[1]
    forged = type(entry)(**(vars(entry) | {"actor": "os:somebody"}))
    by_hand(approved, f"UPDATE log_entries SET actor='os:somebody', entry_hash='{forged.computed_hash()}' WHERE seq=2")
    lines = said(approved)
    assert any(line.startswith("Entry 3 of the run log does not follow") for line in lines)
    assert any("the first 2 entries are not those that were signed" in line for line in lines)


def test_a_deleted_entry_is_found(approved, run_id):
    by_hand(approved, "DELETE FROM log_entries WHERE seq = 3")
    assert said(approved)[0].startswith("Entries 3 to 3 of the run log are gone")


def test_reordered_entries_are_found(approved, run_id):
    by_hand(
        approved,
        "UPDATE log_entries SET seq = 99 WHERE seq = 2",
        "UPDATE log_entries SET seq = 2 WHERE seq = 3",
        "UPDATE log_entries SET seq = 3 WHERE seq = 99",
    )
    assert any(line.startswith("Entry 2 of the run log does not follow") for line in said(approved))


def test_a_cut_tail_is_found_by_the_head_and_by_a_checkpoint(approved, run_id):
    by_hand(approved, "DELETE FROM log_entries WHERE seq = 5")
    lines = said(approved)
    assert any("head says 5 entries" in line for line in lines)
    assert any("had 5 entries and now has 4" in line for line in lines)
    assert any(run_id in line and "no entry of the log" in line for line in lines)


def test_a_cut_tail_is_found_where_the_head_was_made_to_fit(approved, run_id):
    with approved.reading() as connection:
        before = connection.exec_driver_sql("SELECT size, entry_hash, frontier FROM log_head").one()
    approved.log(actor="os:operator", kind=Kind.VIEW, subject=run_id, body={})
    by_hand(
        approved,
        "DELETE FROM log_entries WHERE seq = 6",
        f"UPDATE log_head SET size={before[0]}, entry_hash='{before[1]}', frontier='{before[2]}'",
    )
    (line,) = said(approved)
    assert line.startswith("checkpoints/0000000006.txt: the run log had 6 entries and now has 5; its end was cut off.")


def test_a_forged_or_exchanged_checkpoint_is_found(approved, run_id):
    newest = approved.path / "checkpoints" / "0000000005.txt"
    newest.write_text(newest.read_text(encoding="utf-8").replace("\n5\n", "\n4\n"), encoding="utf-8")
    assert said(approved)[0].startswith("checkpoints/0000000005.txt: its signature does not hold")


@sqlite_only
def test_a_rollback_with_its_checkpoints_is_found_against_one_kept_outside(approved, run_id, publish, tmp_path):
    """And also where the log went on after it, to more entries than the kept checkpoint covers."""
    shutil.copytree(approved.path, tmp_path / "earlier")
    publish(approved)
    kept = max((approved.path / "checkpoints").glob("*.txt"))
    earlier = Workspace.open(tmp_path / "earlier")
    assert said(earlier) == []
    shutil.copy(kept, earlier.path / "checkpoints")
    (line,) = said(earlier)
    assert line.startswith(f"checkpoints/{kept.name}: the run log had 7 entries and now has 5; its end was cut off.")
    (earlier.path / "checkpoints" / kept.name).unlink()
    for _ in range(2):
        publish(earlier)
    shutil.copy(kept, earlier.path / "checkpoints")
    assert any(line.startswith(f"checkpoints/{kept.name}: the first 7 entries are not those") for line in said(earlier))


def test_checkpoints_all_gone_and_another_public_key_are_found(approved, run_id):
    (approved.path / "checkpoints" / "log.vkey").write_text("mimamori+00000000+AAAA\n", encoding="ascii")
    for path in (approved.path / "checkpoints").glob("*.txt"):
        path.unlink()
    lines = said(approved)
    assert lines[0].startswith("checkpoints/log.vkey:")
    assert "have no checkpoint" in lines[1]
    assert len(lines) == 2


def test_one_checkpoint_gone_is_found(approved, run_id):
    held = sorted((approved.path / "checkpoints").glob("*.txt"))
    for path in held:
        content = path.read_bytes()
        path.unlink()
        (line,) = said(approved)
        assert f"entries {int(path.stem)} to {int(path.stem)}" in line
        path.write_bytes(content)


def test_an_entry_written_anew_with_mended_hashes_is_found_though_its_checkpoints_are_gone(approved, run_id):
    with approved.reading() as connection:
        log = read_log(connection)
    frontier, previous = (), FIRST_PREVIOUS
    for size, entry in enumerate(log.entries):
        actor = "os:nobody" if entry.seq == 2 else entry.actor
        anew = replace(entry, actor=actor, previous_hash=previous, entry_hash="")
        previous = anew.computed_hash()
        frontier = push(frontier, size, bytes.fromhex(previous))
        edit = f"UPDATE log_entries SET actor = '{actor}', previous_hash = '{anew.previous_hash}'"
        by_hand(approved, f"{edit}, entry_hash = '{previous}' WHERE seq = {entry.seq}")
    parts = " ".join(part.hex() for part in frontier)
    by_hand(approved, f"UPDATE log_head SET entry_hash = '{previous}', frontier = '{parts}'")
    for path in (approved.path / "checkpoints").glob("*.txt"):
        if int(path.stem) >= 2:
            path.unlink()
    (line,) = said(approved)
    assert f"entries 2 to {len(log.entries)} have no checkpoint" in line


def test_verify_changes_nothing(approved, run_id):
    by_hand(approved, "DELETE FROM log_entries WHERE kind = 'run_published'")
    before = {path: path.read_bytes() for path in approved.path.rglob("*") if path.is_file() and "db" not in path.name}
    said(approved)
    assert {path: path.read_bytes() for path in before} == before


def test_a_key_that_cannot_sign_the_log_stops_the_change_itself(approved, run_id):
    key = approved.path / "keys" / "log.key"
    original = key.read_bytes()
    key.unlink()
    with pytest.raises(WorkspaceError, match=r"log\.key"):
        approved.log(actor="os:operator", kind=Kind.VIEW, subject=run_id, body={})
    key.write_bytes((approved.path / "keys" / "root.key").read_bytes())
    key.chmod(0o600)
    with pytest.raises(IntegrityError, match="not the key this log began with"):
        approved.log(actor="os:operator", kind=Kind.VIEW, subject=run_id, body={})
    key.write_bytes(original)
    assert said(approved) == []


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["flags.parquet", "links.parquet", "counts.json.enc", "manifest.json"])
def test_a_replaced_file_of_a_run_is_found(approved, run_id, name):
    flip_a_byte(approved.run_folder(run_id) / name)
    assert said(approved) == [f"Run {run_id}: {name} is not what was written. Restore it from a backup."]
    assert said(approved, run_id) == said(approved)


def test_a_missing_and_an_added_file_of_a_run_are_found(approved, run_id):
    (approved.run_folder(run_id) / "flags.parquet").rename(approved.run_folder(run_id) / "more.parquet")
    assert [line.split(": ")[1].split(" ")[0] for line in said(approved)] == ["flags.parquet", "more.parquet"]


def test_an_artefact_of_another_run_is_found_and_not_read(approved, run_id, publish):
    other = publish(approved)
    target = approved.run_folder(run_id) / "flags.parquet"
    target.write_bytes((approved.run_folder(other) / "flags.parquet").read_bytes())
    assert f"Run {run_id}: flags.parquet is not what was written" in said(approved)[0]
    with pytest.raises(IntegrityError, match="flags is not what was written"):
        runs.read_artefact(approved, run_id, "flags")


def test_a_wrapped_key_moved_or_destroyed_is_found(approved, run_id, publish):
    other = publish(approved)
    for name in ("pseudonymous.json", "identities.json"):
        target = approved.run_folder(run_id) / "keys" / name
        target.write_bytes((approved.run_folder(other) / "keys" / name).read_bytes())
    (approved.run_folder(other) / "keys" / "statistics.json").unlink()
    assert sorted(said(approved)) == sorted(
        [
            f"Run {run_id}: the key of identities is not the one it was made with. Restore it from a backup.",
            f"Run {run_id}: the key of pseudonymous is not the one it was made with. Restore it from a backup.",
            f"Run {other}: the key of statistics was destroyed; the content cannot be read any more.",
        ]
    )


def test_a_folder_without_entry_and_an_entry_without_folder_are_found(approved, run_id):
    approved.run_folder(run_id).rename(approved.run_folder("20260101T000000000Z-aaaaaa"))
    assert [line.split(" ")[0] for line in said(approved)] == ["Run", "runs/20260101T000000000Z-aaaaaa:"]


def test_folders_deleted_as_a_whole_are_found(approved, run_id):
    shutil.rmtree(approved.path / "runs")
    shutil.rmtree(approved.path / "checkpoints")
    lines = said(Workspace.open(approved.path))
    assert lines[0].startswith("checkpoints/log.vkey:")
    assert "have no checkpoint" in lines[1]
    assert lines[2].startswith(f"Run {run_id}")


def test_a_lost_key_is_said_once(approved, run_id, publish):
    publish(approved)
    (approved.path / "keys" / "root.key").unlink()
    assert said(approved) == ["keys/root.key: the key is not there. Put it back from its custodian."]


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        (
            "UPDATE approvals SET text = replace(text, '\"public_assistance\"', '\"*\"')",
            "Row 2026-03 of table approvals",
        ),
        ("UPDATE approvals SET state = 'revoked'", "Row 2026-03 of table approvals"),
        ("DELETE FROM approvals", "Row 2026-03 of table approvals"),
        ("UPDATE approvals SET id = '2026-04'", "Row 2026-03 of table approvals"),
        ("UPDATE accounts SET role = 'operator'", "Row sato of table accounts"),
        ("UPDATE accounts SET password_hash = 'x'", "Row sato of table accounts"),
        ("INSERT INTO accounts (name, role, state) VALUES ('x', 'council', 'active')", "Row x of table accounts"),
    ],
)
def test_an_edited_row_is_found(approved, run_id, statement, row):
    by_hand(approved, statement)
    assert said(approved)[0] == f"{row} is not what was logged. Compare with a backup."


def test_nothing_is_admitted_under_an_edited_approval(approved):
    by_hand(approved, "UPDATE approvals SET text = replace(text, 'max_runs = 4', 'max_runs = 9')")
    with pytest.raises(IntegrityError, match="2026-03 of table approvals"):
        gate.admit(approved, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with approved.reading() as connection:
        assert [entry.content["rule"] for entry in entries(connection, kinds=[Kind.REFUSAL])] == ["runlog.row_edited"]


def test_nobody_enters_by_an_edited_account(workspace):
    accounts.add(workspace, "sato", Role.ADMINISTRATOR, actor="os:operator")
    by_hand(workspace, "UPDATE accounts SET state = 'active', role = 'operator'")
    with pytest.raises(IntegrityError, match="sato of table accounts"):
        accounts.authenticate(workspace, "sato", "whatever it may be")


def test_a_published_run_whose_entry_was_taken_out_is_not_cleared_away(approved, run_id):
    by_hand(approved, "DELETE FROM log_entries WHERE kind = 'run_published'")
    grant = gate.admit(approved, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(approved, grant, actor="os:operator") as run:
        run.write_frame("flags", FRAME, DataClass.PSEUDONYMOUS)
    assert (approved.path / SET_ASIDE / run_id / "flags.parquet").exists()
    assert said(approved) != []


def test_a_run_that_is_not_there(approved, run_id):
    with pytest.raises(WorkspaceError, match="There is no run 2020"):
        verify(approved, "2020")


CELLS = {
    "log_entries": ["seq", "at", "actor", "kind", "subject", "body", "salt", "previous_hash", "entry_hash"],
    "log_head": ["size", "entry_hash", "frontier"],
    "approvals": ["id", "state", "text", "requested_by", "confirmed_by", "reason"],
    "accounts": ["name", "role", "state", "password_hash", "token_hash", "token_expires"],
}


@sqlite_only
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cell=st.sampled_from([(table, column) for table, columns in CELLS.items() for column in columns]),
    row=st.integers(0, 4),
    value=st.one_of(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.integers(0, 99), st.binary()),
)
def test_whatever_is_written_into_any_cell_is_found(approved, run_id, cell, row, value):
    """One cell of any table set to any value: a finding, and no exception; set back: none."""
    table, column = cell
    with closing(sqlite3.connect(approved.path / "mimamori.db", isolation_level=None)) as connection:
        rowids = [found[0] for found in connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
        target = rowids[row % len(rowids)]
        old = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", [target]).fetchone()[0]
        connection.execute("SAVEPOINT edit")
        try:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", [value, target])
        except sqlite3.IntegrityError:  # a number that is taken, or no number where one must be
            connection.execute("ROLLBACK TO edit")
            return
        finally:
            connection.execute("RELEASE edit")
        where = value if column == "seq" else target
        changed = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", [where]).fetchone()[0]
        findings = verify(approved).findings
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", [old, where])
        assert bool(findings) == (changed != old)
        assert verify(approved).findings == ()
