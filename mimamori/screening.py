"""Rows of a delivery that are not to go further: Individual Numbers anywhere, and who is outside the population.

It stands directly behind the reading of the files: what is taken out here is neither linked nor stored.
"""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from governance.denied import MY_NUMBER, denied_columns
from governance.gate import Grant, Objection, refuse
from governance.my_number import holds_twelve_digits, screen
from governance.population import RULES, hold
from governance.population_lists import read_list
from governance.workspace import Workspace
from linkage.delivery import DeliveredFile, Delivery
from vocabulary.frames import REJECTS
from vocabulary.source import Source

PLACE = ("source", "file", "line")
"""Columns of an extract that say where a row stood; no value of a person is in them."""


def screened(
    workspace: Workspace, delivery: Delivery, grant: Grant, sources: Mapping[str, Source], *, actor: str
) -> tuple[Delivery, dict[str, int]]:
    """The delivery without these rows, and how many were within and outside the population.

    Rows with a single Individual Number are among the rejects then, without their value, under the rule `my_number`.

    Returns
    -------
    tuple
        The counts are empty where the approval has no population rule.

    Raises
    ------
    RefusalError
        A column holds Individual Numbers beyond chance. The refusal is in the run log, without a value.
    """
    set_aside, extracts = [_without_numbers(delivery.rejects)], {}
    for name, rows in delivery.extracts.items():
        bases = grant.approval.legal_bases.get(name, {})
        denied = denied_columns(sources[name], grant.columns[name])
        lifted = {one.column for one in denied if one.group == MY_NUMBER and one.column in bases}
        extracts[name], rejects = _my_numbers(workspace, rows, name, lifted, grant, actor)
        set_aside.append(rejects)
    rejects = pl.concat(set_aside).sort(*PLACE)
    more = pl.concat(set_aside[1:]).group_by("file", "source").len().rows()
    files = _recounted(delivery.files, {(file, source): rows for file, source, rows in more})
    delivery = replace(delivery, extracts=extracts, rejects=rejects, files=files)
    return _population(workspace, delivery, grant)


def _my_numbers(
    workspace: Workspace, rows: pl.DataFrame, source: str, lifted: set[str], grant: Grant, actor: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows without those that hold an Individual Number, and these as rejects."""
    held_in = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    for column in rows.columns:
        if column in PLACE or column in lifted:
            continue
        found = screen(rows[column])
        if found.verdict == "column":
            values = {"source": source, "column": column, "numbers": found.numbers, "valid": found.valid}
            raise refuse(workspace, grant.approval.id, Objection("refusal.my_number", values), actor=actor)
        held_in = held_in.set(found.where & held_in.is_null(), column)
    rejects = rows.filter(held_in.is_not_null()).select(
        *PLACE,
        pl.lit(held_in.drop_nulls()).alias("column"),
        pl.lit(None, pl.String).alias("value"),
        pl.lit(MY_NUMBER).alias("rule"),
    )
    return rows.filter(held_in.is_null()), rejects.select(list(REJECTS)).cast(REJECTS)


def _without_numbers(rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejects without the values that hold twelve digits."""
    held = holds_twelve_digits(rejects["value"])
    return rejects.with_columns(rejects["value"].set(held, None))


def _recounted(files: tuple[DeliveredFile, ...], more: Mapping[tuple[str, str], int]) -> tuple[DeliveredFile, ...]:
    """The files with what was set aside since they were counted."""
    moved = [(file, more.get((file.name, file.source), 0)) for file in files]
    return tuple(replace(file, accepted=file.accepted - n, set_aside=file.set_aside + n) for file, n in moved)


def _population(workspace: Workspace, delivery: Delivery, grant: Grant) -> tuple[Delivery, dict[str, int]]:
    population = grant.approval.population
    if population is None:
        return delivery, {}
    listed = read_list(workspace, grant.approval)
    held = {name: hold(rows, name, population, listed) for name, rows in delivery.extracts.items()}
    counts = {"within": sum(one.within.height for one in held.values())}
    for rule in RULES:
        outside = sum(one.outside.get(rule, 0) for one in held.values())
        if outside:
            counts[f"outside_{rule}"] = outside
    # Whose row was set aside is not known, so what stood in it may be of somebody outside.
    rejects = delivery.rejects.with_columns(value=pl.lit(None, pl.String))
    extracts = {name: one.within for name, one in held.items()}
    return replace(delivery, extracts=extracts, rejects=rejects), counts
