"""`mimamori dispose`: what it erased is gone from the disk, or it says that it is not yet, and ends it later."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from governance import case_disposal, disposal, outcomes, store
from governance.outcome_state import Outcome
from mimamori.cli import app
from tests.unit.governance.conftest import by_hand
from tests.unit.mimamori.learning_run import publish_learning
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import IntegrityError

LATER = date(2090, 1, 1)
NOT_YET = "mimamori.db-wal may still hold"


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
    return done


def stored(workspace):
    return b"".join(path.read_bytes() for path in workspace.path.glob("mimamori.db*"))


def written_ahead(workspace):
    return (workspace.path / "mimamori.db-wal").stat().st_size


def test_a_reader_keeps_what_was_erased_and_the_next_disposal_ends_it(written):
    with written.reading() as reader:
        assert reader.exec_driver_sql("select * from outcomes").all()
        assert NOT_YET in dispose(written).stderr
        assert written_ahead(written) > 0
        again = dispose(written, "--json")
        assert json.loads(again.stdout)["compacted"] is False
        assert NOT_YET in again.stderr
    said = dispose(written)
    assert "Nothing is past its retention" in said.stdout
    assert NOT_YET not in said.output
    assert written_ahead(written) == 0


@pytest.fixture
def edited(written, monkeypatch):
    """The same, with a row edited outside the system, which ends the erasing, after something was erased."""
    by_hand(written, "UPDATE outcomes SET outcome = 'not_needed'")
    erased = case_disposal.erase

    def erasing(workspace, **named):
        by_hand(workspace, "DELETE FROM findings_of_the_test")
        return erased(workspace, **named)

    by_hand(written, "CREATE TABLE findings_of_the_test (word TEXT)")
    by_hand(written, "INSERT INTO findings_of_the_test VALUES ('planted-word')")
    monkeypatch.setattr(case_disposal, "erase", erasing)
    return written


def test_an_edited_row_does_not_keep_what_was_erased_before_it(edited):
    assert b"planted-word" in stored(edited)
    with pytest.raises(IntegrityError, match="of table outcomes is not what was logged"):
        dispose(edited)
    assert b"planted-word" not in stored(edited)
    assert written_ahead(edited) == 0


def test_beside_an_edited_row_it_says_that_what_was_erased_is_there_still(edited):
    with edited.reading() as reader:
        assert reader.exec_driver_sql("select * from outcomes").all()
        done = CliRunner().invoke(app, ["dispose", "--workspace", str(edited.path)])
    assert isinstance(done.exception, IntegrityError)
    assert NOT_YET in done.stderr


def test_what_was_only_listed_was_not_compacted(written):
    assert json.loads(dispose(written, "--dry-run", "--json").stdout)["compacted"] is None
