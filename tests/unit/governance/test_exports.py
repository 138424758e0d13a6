"""What leaves the workspace is what the run made, and the log has its hashes."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from governance import runs
from governance.digest import sha256_file
from governance.exports import export_run
from governance.pseudonyms import pseudonymise
from governance.runlog import Kind, entries
from tests.unit.governance.conftest import FRAME
from vocabulary.errors import IntegrityError, WorkspaceError


def logged(workspace):
    with workspace.reading() as connection:
        return [(entry.subject, entry.content["files"]) for entry in entries(connection, kinds=[Kind.EXPORT])]


def test_csv_and_parquet_of_each_and_their_hashes_in_the_log(approved, publish, tmp_path):
    run_id = publish(approved)
    out = tmp_path / "a" / "out"
    written = export_run(approved, run_id, out, names=["flags", "links"], actor="os:operator")
    names = {"flags.csv", "flags.parquet", "links.csv", "links.parquet"}
    assert {path.name for path in written} == {path.name for path in out.iterdir()} == names
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}, "personal data, in plaintext"
    assert_frame_equal(pl.read_parquet(out / "flags.parquet"), FRAME)
    assert (out / "flags.csv").read_text(encoding="utf-8") == FRAME.write_csv()
    assert logged(approved) == [(run_id, {path.name: sha256_file(path) for path in written})]


def test_an_exported_csv_is_what_the_manifest_says(approved, publish, tmp_path):
    run_id = publish(approved)
    export_run(approved, run_id, tmp_path / "out", names=["flags"], actor="os:operator")
    output = runs.load_manifest(approved, run_id).output("flags")
    assert output is not None
    assert sha256_file(tmp_path / "out" / "flags.csv") == output.content_sha256


def test_an_export_is_repeated(approved, publish, tmp_path):
    run_id = publish(approved)
    for _ in range(2):
        export_run(approved, run_id, tmp_path / "out", names=["flags"], actor="os:operator")
    assert len(logged(approved)) == 2


def test_a_failed_export_leaves_nothing(approved, publish, tmp_path):
    run_id = publish(approved)
    with pytest.raises(WorkspaceError, match="has no persons"):
        export_run(approved, run_id, tmp_path / "out", names=["flags", "persons"], actor="os:operator")
    (approved.run_folder(run_id) / "links.parquet").write_bytes(b"PARE")
    with pytest.raises(IntegrityError, match="links is not what was written"):
        export_run(approved, run_id, tmp_path / "out", names=["flags", "links"], actor="os:operator")
    assert list((tmp_path / "out").iterdir()) == []
    assert logged(approved) == []


def test_what_cannot_be_exported(approved, publish, tmp_path):
    run_id = publish(approved)
    with pytest.raises(WorkspaceError, match="no run 2020"):
        export_run(approved, "2020", tmp_path / "out", names=["flags"], actor="os:operator")
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="not a folder"):
        export_run(approved, run_id, tmp_path / "file", names=["flags"], actor="os:operator")


def test_a_recipient_outside_gets_pseudonyms_of_the_approval_and_no_numbers_of_departments(approved, publish, tmp_path):
    run_id = publish(approved)
    names = ["flags", "links"]
    out = tmp_path / "out"
    written = export_run(approved, run_id, out, names=names, actor="os:operator", recipient="school")
    assert {path.name for path in written} == {path.name for path in out.iterdir()} == {"flags.csv", "flags.parquet"}
    given = pl.read_parquet(out / "flags.parquet")
    assert given.schema == FRAME.schema
    assert_frame_equal(given, pseudonymise(approved.custody, FRAME, "2026-03"))
    assert not set(FRAME["person_id"].drop_nulls()) & set(given["person_id"])
    assert (out / "flags.csv").read_text(encoding="utf-8") == given.write_csv()
    (entry,) = logged_bodies(approved)
    assert entry["recipient"] == "school"


def test_the_support_team_gets_person_ids(approved, publish, tmp_path):
    run_id = publish(approved)
    export_run(
        approved, run_id, tmp_path / "out", names=["flags", "links"], actor="os:operator", recipient="support_team"
    )
    assert_frame_equal(pl.read_parquet(tmp_path / "out" / "flags.parquet"), FRAME)
    assert (tmp_path / "out" / "links.csv").exists()


def logged_bodies(workspace):
    with workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[Kind.EXPORT])]
