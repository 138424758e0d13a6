"""What pages read of the run published last: its tables in memory, loaded once and kept until the log tells otherwise.

Reading and decrypting tables for every page would take seconds in a large city. They are never written anywhere by
this. With every page the log is asked whether a run was published or disposed of since, or an approval amended or
revoked; then what is held is dropped, and what may still be shown is loaded anew. The rows of one child lie together,
so those of a child are a slice.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
import polars.selectors as cs
import pyarrow
from numpy.typing import NDArray
from sqlalchemy import Engine

from api.children.list_rows import ListRows, list_rows
from api.children.published_rules import RunRules, run_rules
from governance.disposal import today
from governance.export_terms import is_kept, within_retention
from governance.runlog import Head, Kind, entries, head
from governance.runs import PublishedRun, last_published, read_artefact, read_artefact_parts
from governance.workspace import Workspace
from vocabulary.errors import RefusalError, WorkspaceError
from vocabulary.fiscal import fiscal_year, fiscal_year_of
from vocabulary.frames import FLAGS, INDICATORS, JUDGEMENTS, PERSONS, TIMELINE

SCHOOL = "school_code"

ENDING = (Kind.RUN_PUBLISHED, Kind.DISPOSAL, Kind.APPROVAL_SUPERSEDED, Kind.APPROVAL_REVOKED)
"""Entries after which what is held may not be what is to be shown."""

WITHHELD = "list.withheld"
"""The error of a run whose approval was revoked, or that is past its retention."""

REPEATED = ("source", "item", "value", "indicator", "entry", "domain", "word", "basis", "kind")
"""Texts of few different values, which are kept once each."""

OF_PERSON = "link_confidence"
"""Column that most tables repeat in every row of a child; it is kept once."""

SHOWN = {
    "timeline": TIMELINE.names(),
    "indicators": [column for column in INDICATORS if column not in (OF_PERSON, "change")],
    "judgements": [column for column in JUDGEMENTS if column != OF_PERSON],
    "flags": FLAGS.names(),
    "held_flags": FLAGS.names(),
}
"""The tables of a run whose rows pages show, and the columns that are kept of them."""


@dataclass(frozen=True)
class ByChild:
    """A table in the order of the children, its column of person ids left out."""

    frame: pl.DataFrame
    starts: NDArray[np.int64]  # (children + 1,): where the rows of each begin

    @classmethod
    def of(cls, frame: pl.DataFrame, person_ids: pl.Series) -> "ByChild":
        """Bring a table with a column `person_id` into the order of `person_ids`, which are sorted."""
        ordered = frame if frame["person_id"].is_sorted() else frame.sort("person_id", maintain_order=True)
        counts = pl.DataFrame({"person_id": person_ids}).join(
            ordered.group_by("person_id").len(), on="person_id", how="left", maintain_order="left"
        )
        starts = np.concatenate([[0], counts["len"].fill_null(0).cum_sum().to_numpy()]).astype(np.int64)
        return cls(ordered.drop("person_id"), starts)

    def rows(self, place: int) -> pl.DataFrame:
        """The rows of the child at a place of the order."""
        begin, end = int(self.starts[place]), int(self.starts[place + 1])
        return self.frame.slice(begin, end - begin)


@dataclass(frozen=True)
class Child:
    """What is held of one child without name or number; frames as in `vocabulary.frames`, without `person_id`."""

    person_id: str
    birth_date: date | None
    sex: str | None
    school: str | None  # where it goes now
    sources: tuple[str, ...]
    link_confidence: float
    timeline: pl.DataFrame
    indicators: pl.DataFrame
    judgements: pl.DataFrame
    flags: pl.DataFrame  # those held for review among them, without rank


@dataclass(frozen=True, eq=False)
class Published:
    """The tables of one run.

    `children` has a row a child, sorted by `person_id`: PERSONS, and `school`, the code of where it goes now.
    """

    run: PublishedRun
    rules: RunRules
    children: pl.DataFrame
    timeline: ByChild
    indicators: ByChild
    judgements: ByChild
    flags: ByChild
    listed: ListRows
    last: dict[str, date]  # by source, its latest reference date
    places: dict[str, int] = field(repr=False)

    @property
    def year(self) -> int:
        """The last fiscal year of which anything is recorded."""
        return fiscal_year(max(self.last.values(), default=date.today()))

    def school_of(self, person_id: str) -> str | None:
        """Code of the school a child goes to now; None where it goes to none, or the run does not know the child."""
        place = self.places.get(person_id)
        return None if place is None else self.children["school"][place]

    def child(self, person_id: str) -> Child | None:
        """What is held of one child; None where the run does not know it."""
        place = self.places.get(person_id)
        if place is None:
            return None
        row = self.children.row(place, named=True)
        return Child(
            person_id=person_id,
            birth_date=row["birth_date"],
            sex=row["sex"],
            school=row["school"],
            sources=tuple(row["sources"].split(";")),
            link_confidence=row["link_confidence"],
            timeline=self.timeline.rows(place),
            indicators=self.indicators.rows(place),
            judgements=self.judgements.rows(place),
            flags=self.flags.rows(place),
        )


@dataclass
class _Held:
    """What a process holds of a workspace, and where the log ended when it was last asked."""

    at: Head
    day: date
    published: Published | None


_held: WeakKeyDictionary[Engine, _Held] = WeakKeyDictionary()
_loading = threading.Lock()


def current(workspace: Workspace, *, actor: str) -> Published | None:
    """The run published last; None where there is none yet.

    Raises
    ------
    WorkspaceError
        Its approval was revoked, or its results are past their retention; the refusal is in the log.
    IntegrityError
        A table, the manifest or an entry of the log is not what was written.
    """
    with _loading:
        held = _held.get(workspace.engine)
        if held is not None and _stands(workspace, held):
            return held.published
        _held.pop(workspace.engine, None)
        with workspace.reading() as connection:
            now = head(connection)
        run = last_published(workspace)
        published = None if run is None else _load(workspace, run, actor)
        pyarrow.default_memory_pool().release_unused()  # what decrypting took, as much again as the tables
        _held[workspace.engine] = _Held(now, today(), published)
        return published


def current_if_kept(workspace: Workspace, *, actor: str) -> Published | None:
    """As `current`; None too where the run may not be shown any more, which the list says."""
    try:
        return current(workspace, actor=actor)
    except WorkspaceError as error:
        if error.key != WITHHELD:
            raise
        return None


def require_current(workspace: Workspace, *, actor: str) -> Published:
    """As `current`, where there must be a run.

    Raises
    ------
    WorkspaceError
        There is none, or it may not be shown. Errors as of `current`.
    """
    published = current(workspace, actor=actor)
    if published is None:
        raise WorkspaceError("list.no_run")
    return published


def _stands(workspace: Workspace, held: _Held) -> bool:
    """Whether the log tells of nothing since that ends what is held, and the day is the same."""
    with workspace.reading() as connection:
        now = head(connection)
        if now.size < held.at.size or (now.size == held.at.size and now.entry_hash != held.at.entry_hash):
            return False  # another state of the database was put back
        ended = now.size > held.at.size and entries(connection, kinds=ENDING, since=held.at.size)
    held.at = now
    return not ended and held.day == today()


def hold_retention(workspace: Workspace, run_id: str, names: Iterable[str], *, actor: str) -> None:
    """Refuse to show tables of a run whose approval was revoked, or that are past their retention.

    Raises
    ------
    WorkspaceError
        They may not be shown; the refusal is in the log.
    """
    asked = list(names)
    try:
        kept = within_retention(workspace, run_id, asked, actor=actor)
    except RefusalError:
        raise WorkspaceError(WITHHELD, run=run_id) from None
    if len(kept) < len(asked):
        raise WorkspaceError(WITHHELD, run=run_id)


def _load(workspace: Workspace, run: PublishedRun, actor: str) -> Published:
    hold_retention(workspace, run.run_id, SHOWN, actor=actor)
    timeline = _table(workspace, run, "timeline")
    children = read_artefact(workspace, run.run_id, "persons", list(PERSONS)).sort("person_id")
    children = children.join(_schools(timeline), on="person_id", how="left", maintain_order="left")
    indicators, judgements, flags, held = (_table(workspace, run, name) for name in [*SHOWN][1:])
    rules = run_rules(workspace, run)
    listed = list_rows(
        flags=flags,
        held=held,
        children=children,
        judgements=judgements,
        seen=_seen(timeline),
        before=_listed_before(workspace, run),
        capacity=workspace.settings.capacity,
    )
    ids = children["person_id"]
    every = pl.concat([flags, held]).sort("person_id", "year")
    return Published(
        run=run,
        rules=rules,
        children=children,
        timeline=ByChild.of(timeline, ids),
        indicators=ByChild.of(indicators, ids),
        judgements=ByChild.of(judgements, ids),
        flags=ByChild.of(every, ids),
        listed=listed,
        last=dict(timeline.group_by(pl.col("source").cast(pl.String)).agg(pl.col("date").max()).iter_rows()),
        places={person_id: place for place, person_id in enumerate(ids)},
    )


def _table(workspace: Workspace, run: PublishedRun, name: str) -> pl.DataFrame:
    """A table with its repeated texts kept once, read a row group at a time."""
    repeated = (cs.string() & cs.by_name(REPEATED, require_all=False)).cast(pl.Categorical)
    parts = read_artefact_parts(workspace, run.run_id, name, SHOWN[name])
    return pl.concat((part.with_columns(repeated) for part in parts), rechunk=True)


def _schools(timeline: pl.DataFrame) -> pl.DataFrame:
    """`person_id, school`: of the last fiscal year in which any school is recorded, each child's last code in it.

    Who has no code of that year has left school or the city, and is no longer any school's.
    """
    codes = timeline.lazy().filter(pl.col("item") == SCHOOL)
    codes = codes.select("person_id", "date", pl.col("value").cast(pl.String).alias("school"))
    year = fiscal_year_of(pl.col("date"))
    return (
        codes.filter(year == year.max())
        .sort("person_id", "date", "school")
        .group_by("person_id", maintain_order=True)
        .agg(pl.col("school").last())
        .collect()
    )


def _seen(timeline: pl.DataFrame) -> dict[int, int]:
    """Number of children with any observation, by fiscal year."""
    pairs = timeline.lazy().select("person_id", fiscal_year_of(pl.col("date")).alias("year")).unique()
    return dict(pairs.group_by("year").len().collect().iter_rows())


def _listed_before(workspace: Workspace, run: PublishedRun) -> pl.DataFrame | None:
    """`person_id, year` of the flags of the run before, under today's person ids; None where none may be read still."""
    parent = run.manifest.parent
    if parent is None or not is_kept(workspace, parent, "flags"):
        return None
    before = read_artefact(workspace, parent, "flags", ["person_id", "year"])
    events = read_artefact(workspace, run.run_id, "events", ["kind", "person_id", "other_id"])
    merged = events.filter(pl.col("kind") == "merged").select(pl.col("person_id").alias("now"), person_id="other_id")
    return before.join(merged.unique("person_id"), on="person_id", how="left").select(
        pl.coalesce("now", "person_id").alias("person_id"), "year"
    )
