"""Merges and splits of person ids in a run, and their undoing by a decision that the next run keeps to."""

import polars as pl

from governance.review_state import Verdict
from governance.reviews import Review
from governance.runs import load_manifest, read_artefact
from governance.workspace import Workspace
from mimamori.joinings import Joinings, refreshed
from mimamori.review import decide
from vocabulary.errors import WorkspaceError
from vocabulary.frames import RECORD


def read_events(workspace: Workspace, run_id: str) -> pl.DataFrame:
    """Merges and splits of a run, numbered from 1: `event` UInt32 and the columns of the artefact `events`."""
    events = read_artefact(workspace, run_id, "events")
    return events.with_row_index("event", offset=1)


def revert(workspace: Workspace, joinings: Joinings, event: int, *, reason: str, actor: str) -> list[Review]:
    """Undo a merge or a split by decisions between one record of each group, which is enough for linkage.

    Of a merge: what came from the two former persons is different, at the very joining that brought them together
    where there was one. Of a split: what went and what stayed is the same; and where it went to a child that was there
    already, what went and that child's own records are different.

    Parameters
    ----------
    workspace
        An open workspace.
    joinings
        Of the run in which it happened.
    event
        Its number in `read_events`.
    reason, actor
        As of `governance.reviews.decide`.

    Raises
    ------
    WorkspaceError
        There is no such event, its groups cannot be told apart any more, or as of `mimamori.review.decide`.
    """
    events = read_events(workspace, joinings.run_id)
    if not 1 <= event <= events.height:
        raise WorkspaceError("review.no_event", run=joinings.run_id, event=event)
    happened = events.row(event - 1, named=True)
    now, other = happened["person_id"], happened["other_id"]
    held = _held(workspace, joinings)
    went = held.filter(pl.col("former_id") == other, pl.col("person_id") == now)
    own = held.filter(pl.col("former_id") == now, pl.col("person_id") == now)
    if happened["kind"] == "merged":
        wanted = [(own, went, Verdict.DIFFERENT)]
    else:
        stayed = held.filter(pl.col("former_id") == other, pl.col("person_id") == other)
        wanted = [(stayed, went, Verdict.SAME), *([(own, went, Verdict.DIFFERENT)] if own.height else [])]
    ends = [(*_ends(joinings, one, another), verdict) for one, another, verdict in wanted]
    made = []
    for left, right, verdict in ends:
        made.append(decide(workspace, joinings, left, right, verdict=verdict, reason=reason, actor=actor))
        joinings = refreshed(workspace, joinings)
    return made


def _held(workspace: Workspace, joinings: Joinings) -> pl.DataFrame:
    """`profile`, `former_id` (in the run before), `person_id` of every record that both runs know, oldest first."""
    parent = load_manifest(workspace, joinings.run_id).parent
    if parent is None:
        raise WorkspaceError("review.no_former_run", run=joinings.run_id)
    former = read_artefact(workspace, parent, "spine").rename({"person_id": "former_id"})
    return joinings.members.join(former, on=RECORD).sort("as_of", "source", "local_id")


def _ends(joinings: Joinings, one: pl.DataFrame, another: pl.DataFrame) -> tuple[int, int]:
    """A profile of each of two groups: those of the strongest joining between them, else the first of each."""
    either = [group.select("profile").unique(maintain_order=True) for group in (one, another)]
    pairs = either[0].join(either[1], how="cross").filter(pl.col("profile") != pl.col("profile_right"))
    if not pairs.height:
        raise WorkspaceError("review.event_gone", run=joinings.run_id)
    ordered = pairs.with_columns(
        left=pl.min_horizontal("profile", "profile_right"), right=pl.max_horizontal("profile", "profile_right")
    )
    weighed = joinings.weighed.filter("joined").select("left", "right", "bits")
    between = ordered.join(weighed, on=["left", "right"], how="left", maintain_order="left")
    strongest = between.sort("bits", descending=True, nulls_last=True, maintain_order=True)
    return strongest["left"][0], strongest["right"][0]
