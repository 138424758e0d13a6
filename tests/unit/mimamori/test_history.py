"""A delivery after the extracts of the one before have aged: each child keeps its id and its years before."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from governance.runs import read_artefact
from governance.workspace import Workspace
from mimamori import pipeline
from mimamori.pipeline import Parameters
from synthetic.city import build_city
from tests.journey.conftest import new_workspace, write_approval

pytestmark = pytest.mark.slow

LAST = date(2025, 4, 1)
SECOND = date.today() + timedelta(days=200)  # the extracts of the first run, kept for 90 days, have aged
RETENTION = 1825  # days of results, by the approval
PARAMETERS = Parameters(as_of=None, capacity=0.05, max_set_aside=0.5, min_link_confidence=0.9)


def run_on(monkeypatch: pytest.MonkeyPatch, workspace: Workspace, delivery: Path, day: date) -> str:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(day.year, day.month, day.day, 12, tzinfo=tz or UTC)

    monkeypatch.setattr(pipeline, "datetime", Clock)
    done = pipeline.run(
        workspace,
        approval_id="2026-03",
        delivery_folder=delivery,
        parameters=PARAMETERS,
        actor="os:operator",
        begin=lambda *_, **__: None,
    )
    return done.manifest.run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    city = build_city(60, seed=4, years=range(2021, 2026), profile="clean")
    last = {
        name: frame.with_columns(last=city.truth["records"].filter(pl.col("source") == name)["as_of"] == LAST)
        for name, frame in city.sources.items()
    }
    for part, wanted in (("earlier", False), ("later", True)):
        (folder / part).mkdir()
        for name, frame in last.items():
            frame.filter(pl.col("last") == wanted).drop("last").write_csv(folder / part / f"{name}.csv")
    path = new_workspace(folder / "workspace", write_approval(folder, "2026-03"))
    workspace = Workspace.open(path)
    with pytest.MonkeyPatch.context() as patch:
        first = run_on(patch, workspace, folder / "earlier", date.today())
        second = run_on(patch, workspace, folder / "later", SECOND)
    return workspace, first, second


def frames(runs, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    workspace, *ids = runs
    return tuple(read_artefact(workspace, run, name) for run in ids)


def test_what_was_delivered_first_is_no_longer_carried_on_as_delivered(runs):
    first, second = frames(runs, "records")
    assert first["as_of"].max() < LAST
    assert second["as_of"].unique().to_list() == [LAST]


def test_observations_of_aged_records_stay_in_the_timeline_as_long_as_results_do(runs):
    first, second = frames(runs, "timeline")
    kept = pl.col("date") >= SECOND - timedelta(days=RETENTION)
    assert 0 < first.filter(kept).height < first.height
    assert first.filter(kept).join(second, on=first.columns, how="anti").is_empty()
    assert second.filter(~kept).is_empty()
    assert second.is_unique().all()
    assert second.filter(pl.col("date") == LAST).height > 0


def test_changes_from_the_year_before_are_known(runs):
    _, second = frames(runs, "indicators")
    now = second.filter((pl.col("year") == 2025) & (pl.col("indicator") == "absence"))
    assert now["change"].is_not_null().mean() > 0.5


def test_children_seen_before_are_still_persons(runs):
    first, second = frames(runs, "persons")
    both = first.join(second, on="person_id", suffix="_now")
    recent = first.filter(pl.col("last_seen") >= SECOND - timedelta(days=RETENTION))
    assert recent.join(second, on="person_id", how="anti").is_empty()
    assert (both["first_seen"] == both["first_seen_now"]).all()  # as it was told when those records were kept
    assert (both["birth_date"] == both["birth_date_now"]).all()
