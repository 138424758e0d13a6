"""What people wrote of children is removed with its row once its class has ended, and is in no file of the database."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from governance import disposal, erasure, holds, outcomes, requests, reviews, store, tables
from governance.outcome_state import Outcome
from governance.request_state import RequestStep
from governance.review_state import Verdict
from governance.runlog import Kind, entries
from governance.verify import verify
from tests.unit.governance.conftest import by_hand, sqlite_only, stored_bytes

OPERATOR = "os:operator"
DAY = disposal.today()


@pytest.fixture
def written(approved, publish):
    """A review, an outcome and two requests, one of which every run heeds; and their sealed texts."""
    run = publish(approved)
    left, right = (("school", "1", date(2026, 4, 1)), ("welfare", "2", date(2026, 4, 1)))
    given = {"left": left, "right": right, "verdict": Verdict.SAME, "reason": "seen", "actor": OPERATOR}
    reviews.decide(approved, run_id=run, **given)
    finding = outcomes.Finding("p1", 2026, Outcome.CONFIRMED, DAY, run, "told")
    outcomes.record(approved, [finding], actor=OPERATOR)
    for number, step in (("1", RequestStep.ACCEPT), ("2", RequestStep.REFUSE)):
        asked = requests.Objection((("school", number),))
        made = requests.receive(approved, asked, reason="asked", received_on=DAY, actor=OPERATOR)
        requests.step(approved, made.id, step, reason="so", actor=OPERATOR)
    return approved, run


def sealed(workspace, ids):
    with workspace.reading() as connection:
        found = [
            row["content"]
            for table in {one.table for one in ids}
            for row in connection.execute(select(table)).mappings()
            if row["id"] in {one.id for one in ids}
        ]
    return [text.encode()[:60] for text in found]


def test_rows_past_their_retention_are_gone_from_the_disk_and_the_log_tells_so(written):
    workspace, _ = written
    assert erasure.due(workspace, DAY) == []
    due = erasure.due(workspace, DAY + timedelta(days=3000))
    assert sorted(one.table.name for one in due) == ["outcomes", "reviews", "subject_requests"]
    texts = sealed(workspace, due)
    assert len(texts) == 3
    assert all(text in stored_bytes(workspace) for text in texts)
    assert erasure.erase_due(workspace, before=DAY + timedelta(days=3000), actor=OPERATOR) == due
    assert store.compact(workspace.engine)
    assert not any(text in stored_bytes(workspace) for text in texts)
    assert verify(workspace).findings == ()
    assert outcomes.standing(workspace).is_empty()
    assert [one.state.value for one in requests.list_requests(workspace)] == ["accepted"]
    with workspace.reading() as connection:
        told = [entry.content["table"] for entry in entries(connection, kinds=[Kind.DISPOSAL])]
    assert sorted(told) == ["outcomes", "reviews", "subject_requests"]
    assert erasure.erase_due(workspace, before=DAY + timedelta(days=3000), actor=OPERATOR) == []


@sqlite_only
def test_a_reader_keeps_what_was_written_ahead_and_is_waited_for(written, monkeypatch):
    workspace, _ = written
    texts = sealed(workspace, erasure.due(workspace, DAY + timedelta(days=3000)))
    monkeypatch.setattr(store, "COMPACT_SECONDS", 0.1)
    with workspace.reading() as reader:
        assert reader.execute(select(tables.outcomes)).all()
        erasure.erase_due(workspace, before=DAY + timedelta(days=3000), actor=OPERATOR)
        assert not store.compact(workspace.engine)
        assert any(text in stored_bytes(workspace) for text in texts)
        monkeypatch.setattr(store, "COMPACT_SECONDS", 30)
        threading.Timer(0.3, reader.rollback).start()
        assert store.compact(workspace.engine)
    assert not any(text in stored_bytes(workspace) for text in texts)


def test_what_is_under_hold_and_what_runs_heed_stays(written):
    workspace, run = written
    holds.place(workspace, run, reason="audit", actor=OPERATOR)
    assert {one.table.name for one in erasure.due(workspace, DAY + timedelta(days=30000))} == {"subject_requests"}
    assert len(erasure.due(workspace, DAY + timedelta(days=30000))) == 1


def test_a_row_removed_by_hand_is_still_found(written):
    workspace, _ = written
    by_hand(workspace, "DELETE FROM outcomes")
    assert len(verify(workspace).findings) == 1
