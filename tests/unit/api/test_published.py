"""The run that pages read: loaded once, dropped as soon as the log tells that it is not to be shown."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import polars as pl
import pytest

from api.children import published as module
from api.children.published import ByChild, current
from governance import disposal, register
from governance.gate import admit
from governance.runlog import Kind, entries
from governance.runs import last_published, read_artefact
from governance.staging import stage
from tests.unit.api.conftest import APPROVAL
from tests.unit.api.published_run import LEFT_SCHOOL, flags, held_flags, write_run
from vocabulary.errors import IntegrityError, WorkspaceError
from vocabulary.source import load_sources

ACTOR = "os:test"


@pytest.fixture
def loads(monkeypatch):
    """How often a run was loaded."""
    counted, load = [], module._load

    def counting(*given):
        counted.append(given)
        return load(*given)

    monkeypatch.setattr(module, "_load", counting)
    return counted


def another_run(workspace, shown, held, approval="2026-03"):
    grant = admit(workspace, approval, today=date(2026, 5, 1), delivered=["school"], actor=ACTOR)
    with stage(workspace, grant, actor=ACTOR) as staged:
        write_run(staged, shown, held)
        staged.publish(inputs=[], parameters={}, counts={}, seeds={})


def test_a_run_is_loaded_once_whoever_asks_and_whatever_is_logged(workspace, loads):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: current(workspace, actor=ACTOR), range(40)))
    workspace.log(actor=ACTOR, kind=Kind.VIEW, subject="x", body={"page": "flags"})
    found.add(current(workspace, actor=ACTOR))
    assert len(found) == len(loads) == 1


def test_without_a_run_there_is_none_until_one_is_published(empty):
    register.add(empty, APPROVAL, file="a.toml", sources=load_sources(), actor=ACTOR)
    assert current(empty, actor=ACTOR) is None
    another_run(empty, flags(3), held_flags())
    assert current(empty, actor=ACTOR).run == last_published(empty)


def test_the_next_run_takes_the_place_and_is_compared_with_the_one_before(workspace):
    first = current(workspace, actor=ACTOR)
    assert not first.listed.compared
    another_run(workspace, flags(125), held_flags())
    second = current(workspace, actor=ACTOR)
    assert second.run == last_published(workspace)
    assert second.listed.compared
    assert second.listed.by_year[2025].filter("new")["person_id"].to_list() == [f"p{n:05}" for n in range(121, 126)]


def test_a_run_before_that_may_not_be_read_any_more_is_not_compared_with(workspace):
    register.add(
        workspace, APPROVAL.replace("2026-03", "2026-09", 1), file="b.toml", sources=load_sources(), actor=ACTOR
    )
    another_run(workspace, flags(125), held_flags(), approval="2026-09")
    assert current(workspace, actor=ACTOR).listed.compared
    register.revoke(workspace, "2026-03", reason="中止", actor=ACTOR)
    assert not current(workspace, actor=ACTOR).listed.compared
    with workspace.reading() as connection:
        assert entries(connection, kinds=[Kind.REFUSAL]) == [], "nobody asked for that run"


def test_a_run_before_that_cannot_be_read_is_said(workspace, monkeypatch):
    before = last_published(workspace).run_id
    another_run(workspace, flags(125), held_flags())

    def read(opened, run_id, name, columns=None):
        if run_id == before:
            raise WorkspaceError("custody.key_absent", name="pseudonymous")
        return read_artefact(opened, run_id, name, columns)

    monkeypatch.setattr(module, "read_artefact", read)
    with pytest.raises(WorkspaceError) as problem:
        current(workspace, actor=ACTOR)
    assert problem.value.key == "custody.key_absent"


def test_nothing_is_shown_once_the_approval_is_revoked(workspace, loads):
    current(workspace, actor=ACTOR)
    register.revoke(workspace, "2026-03", reason="中止", actor=ACTOR)
    for _ in range(2):
        with pytest.raises(WorkspaceError) as refused:
            current(workspace, actor=ACTOR)
        assert refused.value.key == "list.withheld"
    with workspace.reading() as connection:
        assert len(entries(connection, kinds=[Kind.REFUSAL])) == 2


def test_nothing_is_shown_past_its_retention_or_after_its_disposal(workspace, monkeypatch):
    current(workspace, actor=ACTOR)
    later = disposal.today() + timedelta(days=5000)
    for name in ("governance.disposal", "governance.export_terms", "api.children.published"):
        monkeypatch.setattr(f"{name}.today", lambda: later)
    for _ in range(2):
        with pytest.raises(WorkspaceError) as refused:
            current(workspace, actor=ACTOR)
        assert refused.value.key == "list.withheld"
        disposal.dispose(workspace, before=later, actor=ACTOR)


def test_a_disposal_on_the_same_day_is_heeded(workspace, monkeypatch):
    current(workspace, actor=ACTOR)
    later = disposal.today() + timedelta(days=5000)
    with monkeypatch.context() as moved:
        for name in ("governance.disposal", "governance.export_terms"):
            moved.setattr(f"{name}.today", lambda: later)
        disposal.dispose(workspace, before=later, actor=ACTOR)
    with pytest.raises(WorkspaceError) as refused:
        current(workspace, actor=ACTOR)
    assert refused.value.key == "list.withheld"


def test_an_altered_table_is_found_each_time(workspace):
    run = last_published(workspace).run_id
    file = workspace.run_folder(run) / "flags.parquet"
    stored = bytearray(file.read_bytes())
    stored[len(stored) // 2] ^= 1
    file.write_bytes(bytes(stored))
    for _ in range(2):
        with pytest.raises(IntegrityError):
            current(workspace, actor=ACTOR)


def test_a_child_has_its_rows_and_no_other(workspace):
    published = current(workspace, actor=ACTOR)
    run = published.run.run_id
    for name in ("timeline", "indicators", "judgements"):
        whole = read_artefact(workspace, run, name)
        for person_id in published.children["person_id"].sample(10, seed=1):
            kept = getattr(published.child(person_id), name)
            texts = kept.with_columns(pl.selectors.categorical().cast(pl.String))
            assert texts.equals(whole.filter(person_id=person_id).select(kept.columns)), (name, person_id)
    assert published.child("nobody") is None


def test_a_table_in_another_order_is_brought_into_that_of_the_children():
    frame = pl.DataFrame({"person_id": ["c", "a", "c", "b"], "value": [1, 2, 3, 4]})
    kept = ByChild.of(frame, pl.Series(["a", "b", "c", "d"]))
    assert [kept.rows(place)["value"].to_list() for place in range(4)] == [[2], [4], [1, 3], []]


def test_the_school_is_that_of_the_last_year_on_record(workspace):
    published = current(workspace, actor=ACTOR)
    assert published.school_of("p00002") == "S1"
    assert published.school_of("p00003") == "S2"
    assert published.school_of(LEFT_SCHOOL) is None
    assert published.school_of("nobody") is None
