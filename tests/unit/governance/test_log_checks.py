"""Verifications and cosignatures that the log tells of, and the log a page at a time."""

import pytest

from governance.log_checks import check, countersignatures, held_against, last_check, record_countersignature
from governance.log_pages import counts_by_kind, log_page
from governance.note import make_witness_key
from governance.public_log import read_public_log
from governance.runlog import Kind
from governance.witness import countersign
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, UsageError


@pytest.fixture
def workspace(tmp_path):
    made = Workspace.create(tmp_path / "workspace", actor="os:test")
    for at in range(7):
        made.log(actor="os:test", kind=Kind.VIEW if at % 2 else Kind.EXPORT, subject=f"r{at}", body={})
    return made


def test_a_verification_tells_its_parts_and_its_result(workspace):
    assert last_check(workspace) is None
    begun = []
    made = check(workspace, actor="os:test", begin=lambda part, done, of: begun.append(part))
    assert begun == ["log", "registers"]
    assert (made.count, made.entries) == (0, 8)
    assert last_check(workspace) == made


def test_a_cosignature_is_kept_once_it_was_checked(workspace, tmp_path):
    witness = make_witness_key(tmp_path / "key", "council")
    log = read_public_log(workspace)
    signed = countersign(
        log.note, log_key=log.key, seen=None, witness_key=(tmp_path / "key").read_text(), at=2_000_000_000
    )
    made = record_countersignature(workspace, signed.note, str(witness), actor="os:test")
    assert countersignatures(workspace) == [made]
    assert (made.witness, made.size) == ("council", 8)
    assert held_against(workspace, {"kept": signed.note}, [witness]) == []
    with pytest.raises(UsageError):
        record_countersignature(workspace, signed.note, "council", actor="os:test")
    with pytest.raises(IntegrityError):
        record_countersignature(workspace, log.note, str(witness), actor="os:test")


def test_pages_are_the_log_backwards(workspace):
    with workspace.reading() as connection:
        whole = log_page(connection, rows=100)
        parts = [log_page(connection, rows=3, offset=offset).entries for offset in (0, 3, 6)]
        views = log_page(connection, kinds=[Kind.VIEW], rows=2)
        middle = whole.entries[3]
        later = log_page(connection, since=middle.at, rows=100)
        earlier = log_page(connection, until=middle.at, rows=100)
        counted = counts_by_kind(connection)
    assert [one.seq for one in whole.entries] == list(range(8, 0, -1))
    assert [one for part in parts for one in part] == whole.entries
    assert (views.total, len(views.entries)) == (3, 2)
    assert later.total + earlier.total == whole.total
    assert later.entries[-1] == middle
    assert counted == {"workspace_created": 1, "view": 3, "export": 4}
