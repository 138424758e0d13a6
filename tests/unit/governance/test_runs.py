"""Published runs are read back as they were written, and only if they are what the log says."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import update

from governance import runs
from governance.manifest import Manifest
from governance.runlog import Kind, entries
from governance.tables import log_entries
from governance.verify import verify
from tests.unit.governance.conftest import FRAME
from vocabulary.errors import IntegrityError, WorkspaceError


def test_a_published_run_gives_back_what_was_written(approved, publish):
    run_id = publish(approved)
    assert_frame_equal(runs.read_artefact(approved, run_id, "flags"), FRAME)
    assert_frame_equal(runs.read_artefact(approved, run_id, "links", ["day"]), FRAME.select("day"))
    assert runs.read_document(approved, run_id, "counts") == {"children": 2}
    assert runs.latest_run(approved) == run_id
    assert [run.run_id for run in runs.list_runs(approved)] == [run_id]
    assert verify(approved).findings == ()
    assert verify(approved, run_id).findings == ()


def test_the_manifest_and_the_log_entry_tell_the_same(approved, publish):
    run_id = publish(approved)
    manifest = runs.load_manifest(approved, run_id)
    with approved.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.RUN_PUBLISHED])
    assert entry.content["manifest"] == manifest.model_dump(mode="json")
    assert manifest.left_out == ("health",)
    assert manifest.columns == {"school": "*"}
    assert manifest.approval == "2026-03"
    assert manifest.libraries["polars"] == pl.__version__
    assert len(manifest.code.source_sha256) == 64


def test_what_is_not_there_is_said(approved, publish):
    run_id = publish(approved)
    with pytest.raises(WorkspaceError, match="no run 2026"):
        runs.load_manifest(approved, "2026")
    with pytest.raises(WorkspaceError, match="has no persons"):
        runs.read_artefact(approved, run_id, "persons")
    (approved.run_folder(run_id) / "flags.parquet").unlink()
    with pytest.raises(IntegrityError, match="flags is not what was written"):
        runs.read_artefact(approved, run_id, "flags")


def test_the_run_published_last_is_the_end_of_the_list(approved, publish, monkeypatch):
    made = [publish(approved) for _ in range(3)]
    listed = runs.list_runs(approved)
    assert [run.run_id for run in listed] == made
    read = []
    real = Manifest.model_validate_json
    monkeypatch.setattr(Manifest, "model_validate_json", lambda *given: read.append(given) or real(*given))
    assert runs.last_published(approved) == listed[-1]
    assert len(read) == 1, "only the last manifest is read"
    assert runs.latest_run(approved) == made[-1]


def test_an_edited_last_entry_is_not_believed(approved, publish):
    publish(approved)
    with approved.writing() as connection:
        connection.execute(update(log_entries).where(log_entries.c.kind == "run_published").values(actor="os:somebody"))
    with pytest.raises(IntegrityError, match="was edited after it was written"):
        runs.latest_run(approved)


def test_no_run_yet(approved):
    assert runs.list_runs(approved) == []
    assert runs.last_published(approved) is None
    assert runs.latest_run(approved) is None
