"""`mimamori dispose`: what it erased is gone from the disk, or it says that it is not yet, and ends it later."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from governance import disposal, outcomes, store
from governance.outcome_state import Outcome
from mimamori.cli import app
from tests.unit.mimamori.learning_run import publish_learning
from tests.unit.mimamori.small_run import approved_workspace

LATER = date(2090, 1, 1)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A workspace with an outcome, whose retention is over by the clock of the test."""
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    workspace = approved_workspace(tmp_path / "workspace")
    run, scene = publish_learning(workspace)
    child = scene.scores.table["person_id"][0]
    finding = outcomes.Finding(child, 2025, Outcome.CONFIRMED, disposal.today(), run, "told")
    outcomes.record(workspace, [finding], actor="os:operator")
    monkeypatch.setattr(disposal, "today", lambda: LATER)
    monkeypatch.setattr(store, "COMPACT_SECONDS", 0.1)
    return workspace


def dispose(workspace, *options):
    done = CliRunner().invoke(app, ["dispose", "--workspace", str(workspace.path), *options])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def written_ahead(workspace):
    return (workspace.path / "mimamori.db-wal").stat().st_size


def test_a_reader_keeps_what_was_erased_and_the_next_disposal_ends_it(written):
    with written.reading() as reader:
        assert reader.exec_driver_sql("select * from outcomes").all()
        assert "mimamori.db-wal may still hold" in dispose(written)
        assert written_ahead(written) > 0
        assert json.loads(dispose(written, "--json"))["compacted"] is False
    said = dispose(written)
    assert "Nothing is past its retention" in said
    assert "mimamori.db-wal" not in said
    assert written_ahead(written) == 0
