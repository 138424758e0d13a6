"""What a choice finds on the list for one account: the rows it may see, in their order, and what it may do there."""

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import polars as pl

from api.children.list_choice import Cases, Choice, chosen, hands_of, options
from api.children.published import Published, require_current
from governance.access import Actor, scope_of
from governance.cases import all_cases, assigned_to
from governance.grants import granted_to
from governance.policy import Action, Scope
from governance.workspace import Workspace
from vocabulary.texts import Language

FIRST_REASONS = 2
"""Reasons shown on the list itself; all of them are on the flag's own page."""


@dataclass(frozen=True)
class Found:
    """The rows of a year that were asked for; `year` is None where the run has no flag at all."""

    published: Published
    year: int | None
    choice: Choice
    within: pl.DataFrame  # rows of the year that the account may see
    rows: pl.DataFrame  # those of them that meet the choice
    cases: Cases
    named: str | None = None  # the one child that was searched for

    @property
    def held(self) -> int:
        """How many of the year wait for a review of their link."""
        return int(self.within["held"].sum())

    @property
    def capacity(self) -> int:
        """Children of the year that the team can look at."""
        return self.published.listed.capacity[self.year] if self.year is not None else 0

    @property
    def options(self) -> dict[str, list[Any]]:
        """What there is to choose from."""
        return options(self.within)

    @property
    def said(self) -> dict[str, object]:
        """What the log says of the choice; a child that was searched for is no part of it, but named by itself."""
        choice = self.choice.query()
        return {"year": self.year, "choice": {n: v for n, v in choice.items() if n != "q" or self.named is None}}

    @property
    def cut(self) -> int | None:
        """Place in `rows` before which the team's capacity ends; None where they are in another order than by rank."""
        if self.choice.sort != "rank" or self.choice.held:
            return None
        return int((self.rows["rank"] <= self.capacity).sum())


def find(workspace: Workspace, actor: Actor, choice: Choice, action: Action = Action.LIST_FLAGS) -> Found:
    """The rows of the run published last that `choice` asks for and `actor` may see.

    Raises
    ------
    WorkspaceError, IntegrityError
        As of `published.require_current`.
    """
    published = require_current(workspace, actor=actor.name)
    year = published.listed.chosen_year(choice.year)
    listed = published.listed.none if year is None else published.listed.by_year[year]
    within = reached(workspace, actor, action, listed)
    cases = {} if year is None else cases_of(workspace, year)
    rows = chosen(within, choice, cases)
    return Found(
        published, year, choice, within, rows, cases, _named(workspace, actor, action, published, choice, rows)
    )


def _named(
    workspace: Workspace, actor: Actor, action: Action, published: Published, choice: Choice, rows: pl.DataFrame
) -> str | None:
    """The child that was searched for: the only one found; where none is, whose whole id it is, if it is in reach.

    A beginning of an id that finds none or several names nobody, and neither does an id that is out of reach.
    """
    begin = (choice.q or "").strip()
    if not begin:
        return None
    whole = pl.col("person_id") == begin
    found = rows if rows.height else reached(workspace, actor, action, published.children.filter(whole))
    return str(found["person_id"][0]) if found.height == 1 else None


def reached(workspace: Workspace, actor: Actor, action: Action, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows to whose children an action reaches for an account; `rows` has `person_id` and `school`."""
    scope = scope_of(actor, action)
    if scope is Scope.ALL:
        return rows
    if scope is Scope.OWN_SCHOOL:
        return rows.filter(pl.col("school").is_in([*actor.schools]))
    if scope is Scope.OWN_ASSIGNMENTS:
        return rows.filter(pl.col("person_id").is_in([*own_children(workspace, actor)]))
    return rows.clear()


def own_children(workspace: Workspace, actor: Actor) -> Set[str]:
    """Person ids of the children whose open case the account has, or to whom it has access in an emergency."""
    return assigned_to(workspace, actor.name) | granted_to(workspace, actor.name)


def cases_of(workspace: Workspace, year: int) -> dict[str, Any]:
    """By person id, the case that is open, or the last one that was closed and is of that year or later."""
    every = [one for one in all_cases(workspace) if one.is_open or one.year >= year]
    return {one.person_id: one for one in sorted(every, key=lambda one: (one.is_open, one.opened_at))}


def shown_rows(found: Found, language: Language, begin: int, count: int) -> list[dict[str, Any]]:
    """Rows as pages and programs show them: `reasons` parsed, `kind` a text, `case` and `hands` beside."""
    rows = found.rows.slice(begin, count).with_columns(pl.col("kind").cast(pl.String)).to_dicts()
    for row in rows:
        row["reasons"] = [reason[language] for reason in json.loads(row["reasons"])]
        row["case"] = found.cases.get(row["person_id"])
        row["hands"] = hands_of(row["case"])
    return rows


def openable(workspace: Workspace, actor: Actor, rows: pl.DataFrame) -> Set[str]:
    """Person ids among `rows` whose own page the account may open."""
    return frozenset(reached(workspace, actor, Action.VIEW_CHILD, rows)["person_id"])
