"""What is held of one child, for the child's family: from which source, in which runs, and who saw it.

It names a child, so the look is in the log before a table is read. Nothing here prints.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

import polars as pl

from governance.requests import Correction, Objection, heeding, log_showing
from governance.reviews import RecordKey
from governance.runlog import Entry, Kind, entries
from governance.runs import list_runs, read_artefact
from governance.views import persons_of
from governance.workspace import Workspace
from mimamori.honouring import corrected
from mimamori.known import EXTRACT
from vocabulary.errors import UsageError, WorkspaceError
from vocabulary.frames import RECORD

OPENED = ("subject", "explain", "review")
"""Pages that show names or records of a child; of groups of records, entries name the groups."""


@dataclass(frozen=True)
class Held:
    """What is held of a child. Identities: it exists only after the look was logged."""

    run_id: str
    person_id: str
    identity: pl.DataFrame  # one row
    records: pl.DataFrame  # RECORD; `match_probability` where the run was delivered the record
    values: pl.DataFrame  # `date, source, item, value`
    listed: pl.DataFrame  # `year, kind`
    runs: tuple[tuple[str, str, str], ...]  # that used the child's records: run, time, approval
    views: tuple[tuple[str, str, str], ...]  # time, actor, page
    list_views: int  # of lists of these runs, without searches for one child: those for this one are among `views`
    exports: tuple[tuple[str, str, str], ...]  # of these runs, without those of another child: time, actor, tables


def show(workspace: Workspace, run_id: str, person_id: str, *, reason: str, actor: str) -> Held:
    """What is held of a child as of a run.

    Raises
    ------
    WorkspaceError
        `actor` may not handle requests, or the look cannot be logged: nothing is read.
    UsageError
        The run has no such child.
    """
    log_showing(workspace, run_id=run_id, person_id=person_id, reason=reason, actor=actor)

    def of_child(name: str) -> pl.DataFrame:
        return read_artefact(workspace, run_id, name).filter(pl.col("person_id") == person_id)

    records = of_child("spine").select(RECORD)
    if not records.height:
        raise UsageError("subject.no_person", run=run_id, person=person_id)
    probability = of_child("links").select(*RECORD, "match_probability")
    profiles = _profiles(workspace, person_id)
    with workspace.reading() as connection:
        seen = entries(connection, kinds=[Kind.VIEW])
        left = entries(connection, kinds=[Kind.EXPORT])
    return Held(
        run_id=run_id,
        person_id=person_id,
        identity=of_child("identities").drop("person_id"),
        records=records.join(probability, on=RECORD, how="left").sort("as_of", "source", "local_id"),
        values=of_child("timeline").select("date", "source", "item", "value").sort("date", "source", "item"),
        listed=of_child("flags").select("year", "kind").sort("year"),
        runs=tuple(
            (one.run_id, one.at, one.manifest.approval) for one in list_runs(workspace) if one.run_id in profiles
        ),
        views=tuple((one.at, one.actor, one.content["page"]) for one in seen if _opened(one, person_id, profiles)),
        list_views=sum(
            one.subject in profiles and one.content.get("page") == "flags" and not persons_of(one.content)
            for one in seen
        ),
        exports=tuple(
            (one.at, one.actor, ", ".join(sorted({name.partition(".")[0] for name in one.content["files"]})))
            for one in left
            if one.subject in profiles and person_id in (persons_of(one.content) or (person_id,))
        ),
    )


def correction(workspace: Workspace, run_id: str, record: RecordKey, column: str, value: str | None) -> Correction:
    """The correction that puts `value` in place of what a run holds in `column` of a record.

    Raises
    ------
    UsageError
        The run has no such record or column, or the value is there already.
    WorkspaceError
        The column can hold no such value.
    """
    source, local_id, as_of = record
    names = ("records", f"{EXTRACT}{source}")
    for name in names:
        frame = read_artefact(workspace, run_id, name).filter(
            pl.col("source") == source, pl.col("local_id") == local_id, pl.col("as_of") == as_of
        )
        if frame.height and column in frame.columns and column not in RECORD:
            was = frame[column].cast(pl.String)[0]
            found = Correction(source, local_id, as_of, column, was, value)
            tried = corrected(frame, None, heeding([found]))[column].cast(pl.String)[0]
            if tried == was:
                raise UsageError("subject.value_held", column=column)
            return found
    raise UsageError("subject.no_record", run=run_id, column=column)


def objection(workspace: Workspace, run_id: str, person_id: str) -> Objection:
    """The objection to the use of all records of a child that a run knows, by their numbers.

    Raises
    ------
    UsageError
        The run has no such child.
    """
    held = read_artefact(workspace, run_id, "spine").filter(pl.col("person_id") == person_id)
    if not held.height:
        raise UsageError("subject.no_person", run=run_id, person=person_id)
    return Objection(tuple(held.select("source", "local_id").unique().sort("source", "local_id").rows()))


def _profiles(workspace: Workspace, person_id: str) -> dict[str, frozenset[int]]:
    """By run that used the child's records, the profiles they were in; runs disposed of since are left out."""
    found = {}
    for run in list_runs(workspace):
        try:
            persons = read_artefact(workspace, run.run_id, "persons", ["person_id"])
            if person_id not in persons["person_id"]:
                continue
            spine, members = (read_artefact(workspace, run.run_id, name) for name in ("spine", "members"))
        except WorkspaceError:  # its keys were destroyed
            continue
        own = members.join(spine.filter(pl.col("person_id") == person_id), on=RECORD, how="semi")
        found[run.run_id] = frozenset(own["profile"].to_list())
    return found


def _opened(view: Entry, person_id: str, profiles: Mapping[str, Set[int]]) -> bool:
    """Whether a page was of the child, or showed names or records of it."""
    said = view.content
    if person_id in persons_of(said):
        return True
    if said.get("page") not in OPENED:
        return False
    groups = [said.get("left"), said.get("right"), *(one for side in said.get("profiles", []) for one in side)]
    return not profiles.get(view.subject, frozenset()).isdisjoint(groups)
