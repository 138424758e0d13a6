"""Of each 1 April and 1 October the run published last is the archive; its abstracted results stay, and no more."""

from datetime import date, timedelta

import pytest

from governance import archives, disposal, gate, register
from governance.custody import DataClass
from governance.items import due, items, kept_as_archives
from governance.runs import read_artefact
from governance.staging import stage
from governance.verify import verify
from tests.unit.governance.conftest import APPROVAL, DAY, FRAME
from vocabulary.errors import UsageError, WorkspaceError
from vocabulary.source import load_sources

OPERATOR = "os:operator"
LONG = APPROVAL.replace("1825", "20000").replace("2026-03", "2026-04", 1)


@pytest.fixture
def allowed(approved):
    """A workspace with two approvals: results for five years, and for fifty-four."""
    register.add(approved, LONG, file="b.toml", sources=load_sources(), actor=OPERATOR)
    return approved


def make_run(workspace, as_of, approval="2026-04", day="2026-06-01"):
    grant = gate.admit(workspace, approval, today=DAY, delivered=["school"], actor=OPERATOR)
    with stage(workspace, grant, actor=OPERATOR) as run:
        for data_class in DataClass:
            run.write_frame(data_class.value, FRAME, data_class)
        run.publish(inputs=[], parameters={"day": day}, counts={}, seeds={}, as_of=as_of)
    return run.run_id


def found(workspace):
    return {str(one.as_of): one.run for one in archives.list_archives(workspace)}


def test_the_run_published_last_of_each_half_year_is_its_archive(allowed):
    make_run(allowed, date(2025, 9, 30))
    april = make_run(allowed, date(2025, 4, 1))
    october = make_run(allowed, date(2026, 3, 31))
    by_day = make_run(allowed, None)
    assert found(allowed) == {"2025-04-01": april, "2025-10-01": october, "2026-04-01": by_day}


def test_a_marked_run_takes_the_place_of_the_one_that_follows_from_the_dates(allowed):
    first = make_run(allowed, date(2025, 9, 30))
    second = make_run(allowed, date(2025, 9, 30))
    assert found(allowed) == {"2025-04-01": second}
    archives.mark(allowed, first, date(2025, 4, 1), actor=OPERATOR)
    make_run(allowed, date(2025, 9, 30))
    assert found(allowed) == {"2025-04-01": first}
    archives.mark(allowed, first, date(2024, 10, 1), actor=OPERATOR)
    assert [(str(one.as_of), one.marked_by) for one in archives.list_archives(allowed)] == [
        ("2024-10-01", OPERATOR),
        ("2025-04-01", OPERATOR),
    ]
    assert verify(allowed).findings == ()


def test_no_other_day_and_no_run_that_ends_before_it_is_marked(allowed):
    run_id = make_run(allowed, date(2025, 9, 30))
    with pytest.raises(UsageError, match="no reference date"):
        archives.mark(allowed, run_id, date(2025, 4, 2), actor=OPERATOR)
    with pytest.raises(UsageError, match="end on 2025-09-30, before 2025-10-01"):
        archives.mark(allowed, run_id, date(2025, 10, 1), actor=OPERATOR)
    with pytest.raises(WorkspaceError, match="run"):
        archives.mark(allowed, "run", date(2025, 10, 1), actor=OPERATOR)


@pytest.fixture
def later(monkeypatch):
    def put(by):
        day = date(2026, 11, 22) + by
        monkeypatch.setattr("governance.disposal.today", lambda: day)
        return day

    return put


def kinds(some, run_id):
    return {one.kind for one in some if one.subject == run_id}


def test_an_archive_keeps_what_is_abstracted_and_nothing_that_was_delivered(allowed, later):
    earlier = make_run(allowed, date(2025, 4, 1))
    archive = make_run(allowed, date(2025, 4, 1))
    day = later(timedelta(days=7 * 366))  # after five fiscal years
    assert kinds(kept_as_archives(items(allowed), day), archive) == {"pseudonymous", "statistics"}
    assert kinds(due(items(allowed), day), archive) == {"extracts", "identities"}
    disposal.dispose(allowed, before=day, actor=OPERATOR)
    assert read_artefact(allowed, archive, "pseudonymous").equals(FRAME)
    for run_id, name in [(archive, "extracts"), (archive, "identities"), (earlier, "pseudonymous")]:
        with pytest.raises(WorkspaceError, match="was destroyed"):
            read_artefact(allowed, run_id, name)
    assert verify(allowed).findings == ()
    disposal.dispose(allowed, before=later(timedelta(days=32 * 366)), actor=OPERATOR)  # thirty fiscal years are over
    with pytest.raises(WorkspaceError, match="was destroyed"):
        read_artefact(allowed, archive, "pseudonymous")


def test_an_archive_stays_no_longer_than_its_approval_allows(allowed, later):
    archive = make_run(allowed, date(2025, 4, 1), approval="2026-03")
    day = later(timedelta(days=1826))
    assert kept_as_archives(items(allowed), day) == []
    assert kinds(due(items(allowed), day), archive) == {one.value for one in DataClass}
    register.revoke(allowed, "2026-03", reason="over", actor=OPERATOR)
    assert kinds(due(items(allowed), day), archive) == {one.value for one in DataClass}
