"""The linkage model of a run: which one it is, which run trained it, and what it has learnt, in tables and charts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from governance.runs import PublishedRun, list_runs
from governance.workspace import Workspace
from linkage.circumstances import YEARS_BETWEEN
from linkage.levels import model_levels
from linkage.model import WAYS, Model
from mimamori.console import local_time
from mimamori.explain import run_model
from mimamori.explain_charts import weights_of_household, weights_of_individual
from mimamori.explain_page import drawing, environment
from mimamori.explain_words import level_name, signed, time_short
from vocabulary.texts import text

AGAINST = ("strangers", "siblings", "twins")
GENERAL = ("match_prior", "sibling_odds", "child_held_at_once", "others_held_at_once", "held_at_once_weight")
TIMES = range(len(YEARS_BETWEEN) + 1)

Row = tuple[str, ...]


@dataclass(frozen=True)
class ModelShown:
    """The model of a run.

    Attributes
    ----------
    run_id
        The run that used it.
    model
        The model.
    trained_by, trained_at
        The run that learnt it and when that run was published (ISO 8601, UTC); None where no run tells.
    """

    run_id: str
    model: Model
    trained_by: str | None
    trained_at: str | None


@dataclass(frozen=True)
class Table:
    """A table in words."""

    title: str
    headers: Row
    rows: Sequence[Row]
    words: int = 1  # columns, from the first, that are words


def read_shown_model(workspace: Workspace, run_id: str) -> ModelShown:
    """The model of a run, and the run that trained it. Errors as of `mimamori.explain.run_model`."""
    model = run_model(workspace, run_id)
    trained = _trained_by({one.run_id: one for one in list_runs(workspace)}, run_id)
    if trained is None:
        return ModelShown(run_id, model, None, None)
    return ModelShown(run_id, model, trained.run_id, trained.at)


def _trained_by(runs: dict[str, PublishedRun], run_id: str) -> PublishedRun | None:
    """The nearest run, of this one and those before it, that trained its model."""
    current: str | None = run_id
    while current in runs:
        manifest = runs[current].manifest
        if manifest.parameters.get("linkage_model", {}).get("trained"):
            return runs[current]
        current = manifest.parent
    return None


def model_tables(model: Model) -> list[Table]:
    """What the model has learnt, table by table."""
    levels = model_levels(model)
    return [
        _general(model),
        _individual(levels),
        _ways(model),
        *(_household(levels, way, column) for way in WAYS for column in ("bits", "one_child")),
    ]


def model_page(shown: ModelShown) -> str:
    """The model as a whole HTML document in the current language."""
    levels = _in_words(model_levels(shown.model))
    general, individual, ways, *household = model_tables(shown.model)
    return (
        environment()
        .get_template("explain_model.html")
        .render(
            title=text("model.title", version=shown.model.version),
            origin=origin_lines(shown),
            general=general,
            individual=individual,
            ways=ways,
            household=household,
            individual_chart=drawing(weights_of_individual(levels.filter(pl.col("way").is_null()))),
            household_chart=drawing(weights_of_household(levels.filter(pl.col("way").is_not_null()))),
        )
    )


def origin_lines(shown: ModelShown) -> list[str]:
    """Which model it is, and where it comes from."""
    used = text("model.used_by", run=shown.run_id, version=shown.model.version)
    if shown.trained_by is None or shown.trained_at is None:
        return [used, text("model.trained_before")]
    return [used, text("model.trained_by", run=shown.trained_by, at=local_time(shown.trained_at))]


def _in_words(levels: pl.DataFrame) -> pl.DataFrame:
    """Levels with `row` (comparison and level), `against`, `way` and `years` as they are read."""
    rows = [f"{term} · {level}" for term, level in map(_named, levels.select("comparison", "level").iter_rows())]
    words = {
        "against": {one: text(f"model.against_{one}") for one in AGAINST},
        "way": {one: text(f"explain.way_{one}") for one in levels["way"].drop_nulls().unique()},
    }
    return levels.with_columns(
        pl.Series("row", rows),
        pl.col("years").replace_strict({time: time_short(time) for time in TIMES}, return_dtype=pl.String),
        *(pl.col(name).replace_strict(said, return_dtype=pl.String) for name, said in words.items()),
    )


def _named(level: tuple[str, str]) -> tuple[str, str]:
    """A comparison and a level of it in words."""
    return text(f"explain.term_{level[0]}"), level_name(*level)


def _general(model: Model) -> Table:
    rows = [(text(f"model.{name}"), f"{getattr(model, name):.6g}") for name in GENERAL]
    return Table(text("model.general_title"), ("", text("model.column_value")), rows)


def _individual(levels: pl.DataFrame) -> Table:
    """A row a level: its share among one child, and beside each thing it is held against that share and the weight."""
    wide = levels.filter(pl.col("way").is_null()).pivot(
        "against", index=["comparison", "level", "one_child"], values=["other", "bits"], maintain_order=True
    )
    columns = [f"{value}_{against}" for against in AGAINST for value in ("other", "bits")]
    rows = [
        (
            *_named((row["comparison"], row["level"])),
            _share(row["one_child"]),
            *(_cell(row[name], name) for name in columns),
        )
        for row in wide.iter_rows(named=True)
    ]
    headers = ("comparison", "level", "one_child", *columns)
    return Table(text("model.individual_title"), _headers(headers), rows, words=2)


def _ways(model: Model) -> Table:
    rows = [(text(f"explain.way_{way}"), *map(_share, model.ways[way])) for way in WAYS]
    return Table(text("model.ways_title"), (text("model.column_way"), *map(time_short, TIMES)), rows)


def _household(levels: pl.DataFrame, way: str, column: str) -> Table:
    """A row a level of one way; a column a class of time."""
    wide = levels.filter(pl.col("way") == way).pivot(
        "years", index=["comparison", "level", "other"], values=column, maintain_order=True
    )
    rows = [
        (
            *_named((row["comparison"], row["level"])),
            _share(row["other"]),
            *(_cell(row[str(time)], column) for time in TIMES),
        )
        for row in wide.iter_rows(named=True)
    ]
    measured = text("model.weights_title" if column == "bits" else "model.shares_title")
    headers = (*_headers(("comparison", "level", "other_strangers")), *map(time_short, TIMES))
    return Table(f"{text(f'explain.way_{way}')} · {measured}", headers, rows, words=2)


def _headers(names: Iterable[str]) -> Row:
    return tuple(text(f"model.column_{name}") for name in names)


def _cell(value: float | None, column: str) -> str:
    if value is None:
        return ""
    return signed(value) if column.startswith("bits") else _share(value)


def _share(value: float) -> str:
    """A share in per cent with three significant digits."""
    return f"{100 * value:.3g}%"
