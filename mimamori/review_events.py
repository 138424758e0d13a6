"""Merges and splits of person ids in a run, and their undoing by a decision that the next run keeps to."""

import polars as pl

from governance.review_state import Verdict
from governance.reviews import Review
from governance.runs import load_manifest, read_artefact
from governance.workspace import Workspace
from mimamori.joinings import Joinings
from mimamori.review import decide
from vocabulary.errors import WorkspaceError
from vocabulary.frames import RECORD


def read_events(workspace: Workspace, run_id: str) -> pl.DataFrame:
    """Merges and splits of a run, numbered from 1: `event` UInt32 and the columns of the artefact `events`."""
    events = read_artefact(workspace, run_id, "events")
    return events.with_row_index("event", offset=1)


def revert(workspace: Workspace, joinings: Joinings, event: int, *, reason: str, actor: str) -> Review:
    """Undo a merge or a split: decide that the two former persons are different children, or the same one.

    The decision names one record of each, which is enough for linkage to keep the two groups apart, or to join them;
    of a merge those at which the two were joined, where they were joined directly.

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
        There is no such event, or as of `mimamori.review.decide`.
    """
    events = read_events(workspace, joinings.run_id)
    if not 1 <= event <= events.height:
        raise WorkspaceError("review.no_event", run=joinings.run_id, event=event)
    happened = events.row(event - 1, named=True)
    merged = happened["kind"] == "merged"
    before = _before(workspace, joinings, happened["person_id"], happened["other_id"])
    left, right = _merged_at(joinings, before) if merged else _split_at(before, happened["person_id"])
    verdict = Verdict.DIFFERENT if merged else Verdict.SAME
    return decide(workspace, joinings, left, right, verdict=verdict, reason=reason, actor=actor)


def _before(workspace: Workspace, joinings: Joinings, person_id: str, other_id: str) -> pl.DataFrame:
    """`profile`, `former_id`, `person_id` of the records that the two ids had in the run before, the oldest first."""
    parent = load_manifest(workspace, joinings.run_id).parent
    if parent is None:
        raise WorkspaceError("review.no_former_run", run=joinings.run_id)
    former = read_artefact(workspace, parent, "spine").rename({"person_id": "former_id"})
    held = former.filter(pl.col("former_id").is_in([person_id, other_id])).join(joinings.members, on=RECORD)
    return held.sort("as_of", "source", "local_id")


def _merged_at(joinings: Joinings, before: pl.DataFrame) -> tuple[int, int]:
    """The two profiles whose joining brought two former ids together; the first of each where none did directly."""
    former = before.select("profile", "former_id").unique("profile", keep="first", maintain_order=True)
    across = (
        joinings.weighed.filter("joined")
        .join(former.rename({"profile": "left", "former_id": "a"}), on="left")
        .join(former.rename({"profile": "right", "former_id": "b"}), on="right")
        .filter(pl.col("a") != pl.col("b"))
        .sort("bits", "left", "right", descending=[True, False, False])
    )
    if across.height:
        return across["left"][0], across["right"][0]
    firsts = former.unique("former_id", keep="first", maintain_order=True)["profile"]
    return firsts[0], firsts[1]


def _split_at(before: pl.DataFrame, person_id: str) -> tuple[int, int]:
    """The first profile that went to the new id and the first that stayed."""
    went = pl.col("person_id") == person_id
    return before.filter(went)["profile"][0], before.filter(~went)["profile"][0]
