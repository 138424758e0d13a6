"""A workspace with a run made by hand whose list, over five years, found hardship in two of five indicators."""

from datetime import date

import polars as pl

from governance import gate
from governance.custody import DataClass
from governance.staging import stage
from governance.workspace import Workspace
from indicators.score import score_changes
from tests.unit.governance.conftest import DAY
from tests.unit.indicators.learning_scenes import NAMES, RULES, YEARS, Scene, scene
from vocabulary.frames import EVENTS, FLAGS, HELD_FLAGS, INDICATORS, PERSONS, TIMELINE

PLACES = 40


def learning_scene() -> tuple[Scene, pl.DataFrame]:
    """The scene, and its surprises as INDICATORS of a run."""
    made = scene(3, children=400)
    ids, years = made.scores.table["person_id"], made.scores.table["year"]
    rows = [
        pl.DataFrame({"person_id": ids, "year": years, "change_z": made.scores.surprises[:, at]}).with_columns(
            pl.lit(name).alias("indicator"), pl.lit(1.0).alias("value"), pl.date(pl.col("year"), 4, 1).alias("as_of")
        )
        for at, name in enumerate(NAMES)
    ]
    known = pl.concat(rows).filter(pl.col("change_z").is_not_nan())
    indicators = pl.concat([INDICATORS.to_frame(), known], how="diagonal").cast(INDICATORS)
    scores = score_changes(indicators, RULES)
    order = made.scores.table.with_columns(pl.Series("hardship", made.hardship))
    placed = scores.table.join(order.select("person_id", "year", "hardship"), on=["person_id", "year"], how="left")
    return Scene(scores, placed["hardship"].to_numpy()), indicators


def publish_learning(workspace: Workspace, events: list[tuple[object, ...]] | None = None) -> tuple[str, Scene]:
    """Publish the run; its id, and the scene."""
    made, indicators = learning_scene()
    ids = made.scores.table["person_id"].unique().sort()
    listed = made.scores.table[made.first(PLACES)].select("person_id", "year")
    persons = pl.concat([PERSONS.to_frame(), ids.to_frame()], how="diagonal").with_columns(
        pl.lit(date(2012, 6, 1)).alias("birth_date"), pl.lit("F").alias("sex"), pl.lit(1.0).alias("link_confidence")
    )
    timeline = pl.DataFrame(
        [(ids[0], date(year, 4, 1), "school", "days_absent", "3") for year in YEARS], TIMELINE, orient="row"
    )
    frames = {
        "persons": persons.cast(PERSONS),
        "timeline": timeline,
        "indicators": indicators,
        "flags": pl.concat([FLAGS.to_frame(), listed], how="diagonal"),
        "held_flags": HELD_FLAGS.to_frame(),
        "events": pl.DataFrame(events or [], schema=EVENTS, orient="row"),
    }
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        for name, frame in frames.items():
            run.write_frame(name, frame, DataClass.PSEUDONYMOUS)
        run.publish(inputs=[], parameters={"indicator_rules": RULES.version}, counts={}, seeds={})
    return run.run_id, made
