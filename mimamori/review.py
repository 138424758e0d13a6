"""Clerical review: which joinings to put before a reviewer first, what the two sides show, and the decision.

The functions of the terminal and of the pages alike; nothing here prints. What was decided binds every later run
(`governance.reviews`).
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from governance import reviews
from governance.review_state import ReviewState, Verdict
from governance.reviews import Review
from governance.runs import read_artefact
from governance.workspace import Workspace
from mimamori.joinings import Joinings, components, undecided_by
from mimamori.side_by_side import Field, side_by_side
from vocabulary.errors import WorkspaceError
from vocabulary.frames import RECORD

QUEUE = ["left", "right", "probability", "bits", "joined", "records", "information"]


@dataclass(frozen=True)
class Number:
    """A number of a source on one side, with its first and last record."""

    source: str
    local_id: str
    first: date
    last: date
    records: int


@dataclass(frozen=True)
class Shown:
    """Two groups of records side by side. Identities: it exists only after the view was logged.

    `bits` and `joined` are null where the run did not weigh these two profiles as a joining.
    """

    run_id: str
    left: int
    right: int
    bits: float | None
    joined: bool | None
    numbers_left: tuple[Number, ...]
    numbers_right: tuple[Number, ...]
    fields: tuple[Field, ...]
    decision: Review | None  # that stands on the two; not what waits for a second person, who is to judge alone


def queue(joinings: Joinings, *, between: tuple[float, float], actor: str | None = None) -> pl.DataFrame:
    """Joinings, made and not made, that are not sure and not decided, the most informative first.

    What a decision tells is the entropy of the joining's probability, as in uncertainty sampling (Lewis & Gale 1994;
    Settles 2009, section 2.1), times the records of its smaller side: those that a wrong joining gives, or a wrong
    parting takes from, a child.

    Parameters
    ----------
    joinings
        Of a run.
    between
        Probabilities between which a joining is doubtful, both included.
    actor
        Who asks: what this one proposed is not asked again of them, but of others.

    Returns
    -------
    pl.DataFrame
        `left`, `right` UInt32 (profiles of the run), `probability`, `bits` Float64, `joined` Boolean, `records` UInt32,
        `information` Float64: expected bits told, summed over the records.
    """
    doubtful = joinings.joinings.filter(pl.col("probability").is_between(*between), undecided_by(actor))
    ranked = doubtful.with_columns(information=_entropy(pl.col("probability")) * pl.col("records"))
    return ranked.select(QUEUE).sort("information", "left", "right", descending=[True, False, False])


def _entropy(p: pl.Expr) -> pl.Expr:
    """Entropy of a yes or no of probability p, in bits (Shannon 1948); 0 where it is sure."""
    return sum((pl.when(q > 0).then(-q * q.log(2)).otherwise(0.0) for q in (p, 1 - p)), start=pl.lit(0.0))


def show(workspace: Workspace, joinings: Joinings, left: int, right: int, *, actor: str) -> Shown:
    """The two sides of a joining, or of any two profiles. The view is in the log before a record is read.

    Raises
    ------
    WorkspaceError
        The run has no such profiles, `actor` may not review, or the view cannot be logged: nothing is shown.
    """
    _hold_two(joinings, left, right)
    sides = joinings.sides(left, right)
    body = {"left": left, "right": right, "profiles": [list(side) for side in sides]}
    persons = joinings.persons_of(left, right)
    reviews.log_view(workspace, run_id=joinings.run_id, person_ids=persons, body=body, actor=actor)
    records = read_artefact(workspace, joinings.run_id, "records")
    members = [joinings.members.filter(pl.col("profile").is_in(side)) for side in sides]
    held = [records.join(side, on=RECORD, how="semi") for side in members]
    ends = (min(left, right), max(left, right))
    weighed = joinings.weighed.filter(pl.col("left") == ends[0], pl.col("right") == ends[1])
    decision = joinings.standing(left, right)
    return Shown(
        run_id=joinings.run_id,
        left=left,
        right=right,
        bits=weighed["bits"][0] if weighed.height else None,
        joined=weighed["joined"][0] if weighed.height else None,
        numbers_left=_numbers(members[0]),
        numbers_right=_numbers(members[1]),
        fields=side_by_side(*held),
        decision=None if decision is None or decision.state is ReviewState.PROPOSED else decision,
    )


def decide(
    workspace: Workspace, joinings: Joinings, left: int, right: int, *, verdict: Verdict, reason: str, actor: str
) -> Review:
    """Decide on two profiles of a run, by their first records, or as the second person on what another proposed.

    Raises
    ------
    WorkspaceError
        The run has no such profiles, the verdict contradicts decisions that stand; or as `governance.reviews.decide`.
    """
    _hold_two(joinings, left, right)
    standing = joinings.standing(left, right)
    if standing is None:
        _hold_together(joinings, (left, right), verdict)
        records = joinings.record_of(left), joinings.record_of(right)
    else:
        records = standing.left, standing.right
    return reviews.decide(
        workspace,
        run_id=joinings.run_id,
        left=records[0],
        right=records[1],
        verdict=verdict,
        reason=reason,
        actor=actor,
    )


def confirm_person(
    workspace: Workspace, joinings: Joinings, left: int, right: int, *, reason: str, actor: str
) -> list[Review]:
    """Decide that all records on both sides of a joining that was made are of one child, in one answer.

    Every joining of the person that `actor` may still decide gets the verdict `same`.

    Raises
    ------
    WorkspaceError
        The two are not one person in this run, or as of `decide`.
    """
    _hold_two(joinings, left, right)
    of_two = joinings.members.filter(pl.col("profile").is_in([left, right]))["person_id"].unique()
    if of_two.len() > 1:
        raise WorkspaceError("review.two_persons", left=left, right=right)
    one_person = (pl.col("person_left") == of_two[0]) & (pl.col("person_right") == of_two[0])
    waiting = joinings.joinings.filter("joined", one_person, undecided_by(actor)).select("left", "right")
    return [
        decide(workspace, joinings, *ends, verdict=Verdict.SAME, reason=reason, actor=actor) for ends in waiting.rows()
    ]


def _hold_two(joinings: Joinings, left: int, right: int) -> None:
    if left == right:
        raise WorkspaceError("review.one_profile", profile=left)
    for profile in (left, right):
        joinings.record_of(profile)


def _hold_together(joinings: Joinings, ends: tuple[int, int], verdict: Verdict) -> None:
    """Refuse a verdict that cannot hold together with those that stand: A is B, B is C, so C is not another than A."""
    held = {pair: one for pair, one in joinings.reviews.items() if one.state is not ReviewState.DISPUTED}
    same = [pair for pair, one in held.items() if one.verdict is Verdict.SAME]
    apart = [pair for pair, one in held.items() if one.verdict is Verdict.DIFFERENT]
    joined = [*same, ends] if verdict is Verdict.SAME else same
    child = components({profile for pair in (*joined, *apart, ends) for profile in pair}, joined)
    against: list[tuple[int, int]] = []
    if verdict is Verdict.SAME:
        against = [pair for pair in apart if child[pair[0]] == child[pair[1]] == child[ends[0]]]
    elif verdict is Verdict.DIFFERENT and child[ends[0]] == child[ends[1]]:
        against = [pair for pair in same if child[pair[0]] == child[ends[0]]]
    if against:
        raise WorkspaceError("review.contradicts", ids=", ".join(held[pair].id for pair in against))


def _numbers(members: pl.DataFrame) -> tuple[Number, ...]:
    spans = members.group_by("source", "local_id").agg(
        pl.col("as_of").min().alias("first"), pl.col("as_of").max().alias("last"), pl.len().alias("records")
    )
    return tuple(Number(**row) for row in spans.sort("source", "first", "local_id").to_dicts())
