"""Which flags of a year the list shows, and in which order: what stands in its address."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from governance.cases import Case

Sort = Literal["rank", "judgement", "grade", "school", "link"]
Hands = Literal["nobody", "waiting", "taken", "closed"]

ORDER: Mapping[Sort, tuple[tuple[str, ...], tuple[bool, ...]]] = {
    "rank": ((), ()),
    "judgement": (("judgement",), (True,)),
    "grade": (("grade",), (False,)),
    "school": (("school", "grade"), (False, False)),
    "link": (("link_confidence",), (False,)),
}
"""Columns of each order and whether they fall; after them, the rank."""


def _blank_is_none(value: object) -> object:
    """Forms send a field that nothing was chosen in as an empty text."""
    return None if value == "" else value


def _ticked(value: object) -> object:
    return False if value in ("", None) else value


Whole = Annotated[int | None, BeforeValidator(_blank_is_none)]
Text = Annotated[str | None, Field(max_length=40), BeforeValidator(_blank_is_none)]
Ticked = Annotated[bool, BeforeValidator(_ticked)]


class Choice(BaseModel):
    """What is asked of the list; each filter that is set narrows it further."""

    model_config = ConfigDict(frozen=True)
    year: Whole = None  # the latest where it is not named
    kind: Text = None
    judgement: Annotated[int | None, Field(ge=0, le=3), BeforeValidator(_blank_is_none)] = None
    school: Text = None
    grade: Annotated[int | None, Field(ge=0, le=12), BeforeValidator(_blank_is_none)] = None  # 0: before school
    hands: Annotated[Hands | None, BeforeValidator(_blank_is_none)] = None
    supported: Annotated[bool | None, BeforeValidator(_blank_is_none)] = None
    new: Ticked = False
    held: Ticked = False  # those that wait for a review of their link, in place of the others
    q: Annotated[str | None, Field(max_length=64, pattern=r"^[ 0-9A-Za-z_-]*$"), BeforeValidator(_blank_is_none)] = None
    sort: Sort = "rank"
    page: Annotated[int, Field(ge=1, le=10_000)] = 1

    def query(self) -> dict[str, str]:
        """The choice as it stands in an address, without what is not set and without the page."""
        said = self.model_dump(exclude={"page"}, exclude_defaults=True, exclude_none=True)
        return {name: "1" if value is True else "0" if value is False else str(value) for name, value in said.items()}


Cases = Mapping[str, Case]
"""By person id, the case of a child that is open, or was of the year that is shown."""


def hands_of(case: Case | None) -> Hands:
    """In whose hands a child is: nobody's, nobody's yet though a case is open, a worker's, or no longer anybody's."""
    if case is None:
        return "nobody"
    if not case.is_open:
        return "closed"
    return "waiting" if case.assigned_to is None else "taken"


def chosen(rows: pl.DataFrame, choice: Choice, cases: Cases) -> pl.DataFrame:
    """Rows of a year that meet every filter, in the order asked for.

    Parameters
    ----------
    rows
        A frame of `api.children.list_rows.ListRows.by_year`.
    choice
        What is asked; `year` is not looked at.
    cases
        What the team does with children.
    """
    found = rows.filter(*_conditions(choice, cases))
    columns, falling = ORDER[choice.sort]
    return found.sort(*columns, descending=falling, nulls_last=True, maintain_order=True) if columns else found


def _conditions(choice: Choice, cases: Cases) -> list[pl.Expr]:
    conditions = [pl.col("held") == choice.held]
    for name, column in (("kind", pl.col("kind")), ("judgement", pl.col("judgement")), ("school", pl.col("school"))):
        if (wanted := getattr(choice, name)) is not None:
            conditions.append(column == wanted)
    if choice.grade is not None:
        conditions.append(pl.col("grade") == choice.grade if choice.grade else pl.col("grade") < 1)
    if choice.supported is not None:
        conditions.append(pl.col("already_supported") == choice.supported)
    if choice.new:
        conditions.append(pl.col("new").fill_null(False))
    if choice.hands is not None:
        conditions.append(_in_hands(choice.hands, cases))
    if choice.q is not None and choice.q.strip():
        conditions.append(pl.col("person_id").str.starts_with(choice.q.strip()))
    return conditions


def _in_hands(hands: Hands, cases: Cases) -> pl.Expr:
    if hands == "nobody":
        return ~pl.col("person_id").is_in([*cases])
    return pl.col("person_id").is_in([person_id for person_id, case in cases.items() if hands_of(case) == hands])


def options(rows: pl.DataFrame) -> dict[str, list[Any]]:
    """What there is to choose from in a year: `kind`, `judgement`, `school`, `grade`."""
    grades = sorted({max(grade, 0) for grade in rows["grade"].unique().drop_nulls()})
    return {
        "kind": sorted(rows["kind"].cast(pl.String).unique()),
        "judgement": sorted(rows["judgement"].unique().drop_nulls(), reverse=True),
        "school": sorted(rows["school"].unique().drop_nulls()),
        "grade": grades,
    }
