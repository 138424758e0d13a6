"""Why a run linked two records or kept them apart, and what holds the records of a child together.

The functions of the terminal and of the pages alike; nothing here prints. What they give names a child, so each view is
in the log before a record is read.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from governance import reviews
from governance.reviews import RecordKey
from governance.runs import read_artefact, read_artefact_parts, read_document
from governance.workspace import Workspace
from linkage.compare_two import compare_two
from linkage.explaining import Explanation, explain
from linkage.model import Model
from linkage.state import TABLES, from_tables, read_model
from mimamori.joinings import Joinings
from mimamori.side_by_side import Field, side_by_side
from vocabulary.errors import WorkspaceError
from vocabulary.frames import RECORD

PAGE = "explain"
"""What the log calls these views."""


@dataclass(frozen=True)
class Group:
    """A profile: records of one number that agree on who it is."""

    profile: int
    person_id: str
    source: str
    local_id: str
    first: date
    last: date
    records: int


@dataclass(frozen=True)
class Joining:
    """A joining that was made, or offered and not made, and the two profiles with its strongest evidence.

    `bits` are those of joining the two whole groups, all constraints in; `verdict` is the reviewer's that decided it.
    """

    left: int
    right: int
    person_left: str
    person_right: str
    bits: float
    probability: float
    joined: bool
    verdict: str | None


@dataclass(frozen=True)
class PairShown:
    """The evidence between two profiles and the values of both. Identities.

    `compared` is whether the run compared the two itself; `joining` the joining between these very two, if any.
    """

    run_id: str
    left: Group
    right: Group
    compared: bool
    joining: Joining | None
    explanation: Explanation
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class PersonShown:
    """What holds a child's records together: joinings from the strongest, the weakest of them in full. Identities.

    `apart` are the best offers of other children that were not taken.
    """

    run_id: str
    person_id: str
    groups: tuple[Group, ...]
    joinings: tuple[Joining, ...]
    apart: tuple[Joining, ...]
    weakest: PairShown | None


def profiles_of(joinings: Joinings, records: tuple[RecordKey, RecordKey]) -> tuple[int, int]:
    """The profiles of two records.

    Raises
    ------
    WorkspaceError
        The run has no such record, or the two are of one profile.
    """
    left, right = (_profile_of(joinings, record, place) for place, record in enumerate(records, 1))
    if left == right:
        raise WorkspaceError("explain.same_profile", profile=left)
    return left, right


def explain_pair(workspace: Workspace, joinings: Joinings, left: int, right: int, *, actor: str) -> PairShown:
    """The evidence between two profiles of a run, compared now if the run did not.

    Raises
    ------
    WorkspaceError
        The run has no such profiles or was linked by another version, `actor` may not review, or the view cannot be
        logged: nothing is shown.
    """
    if left == right:
        raise WorkspaceError("review.one_profile", profile=left)
    left, right = sorted((left, right))
    for profile in (left, right):
        joinings.record_of(profile)
    model = run_model(workspace, joinings.run_id)
    persons = joinings.persons_of(left, right)
    body = {"left": left, "right": right}
    reviews.log_view(workspace, run_id=joinings.run_id, person_ids=persons, page=PAGE, body=body, actor=actor)
    return _pair(workspace, joinings, model, left, right)


def explain_person(
    workspace: Workspace, joinings: Joinings, person_id: str, *, actor: str, in_full: bool = True
) -> PersonShown:
    """What holds the records of a child together in a run, the weakest joining with its evidence if `in_full`.

    Errors as of `explain_pair`, or there is no such child.
    """
    members = joinings.members.filter(pl.col("person_id") == person_id)
    if not members.height:
        raise WorkspaceError("explain.no_person", run=joinings.run_id, person=person_id)
    model = run_model(workspace, joinings.run_id) if in_full else None
    reviews.log_view(workspace, run_id=joinings.run_id, person_ids=[person_id], page=PAGE, actor=actor)
    left, right = (pl.col(f"person_{side}") == person_id for side in ("left", "right"))
    held = _joinings(joinings.weighed.filter("joined", left & right))
    weakest = held[-1] if held else None
    return PersonShown(
        run_id=joinings.run_id,
        person_id=person_id,
        groups=_groups(members),
        joinings=held,
        apart=_joinings(joinings.weighed.filter(~pl.col("joined"), left != right)),
        weakest=None
        if weakest is None or model is None
        else _pair(workspace, joinings, model, weakest.left, weakest.right),
    )


def run_model(workspace: Workspace, run_id: str) -> Model:
    """The model of a run.

    Raises
    ------
    WorkspaceError
        There is no such run, or its comparisons are of another version than today's.
    """
    model = read_model(read_document(workspace, run_id, "model"))
    if model is None:
        raise WorkspaceError("explain.model_other", run=run_id)
    return model


def _pair(workspace: Workspace, joinings: Joinings, model: Model, left: int, right: int) -> PairShown:
    """The pair, once its view is logged; `left` < `right`."""
    run_id = joinings.run_id
    ends = (pl.col("left") == left) & (pl.col("right") == right)
    stored = pl.concat([part.filter(ends) for part in read_artefact_parts(workspace, run_id, "pairs")])
    members = [joinings.members.filter(pl.col("profile") == profile) for profile in (left, right)]
    records = read_artefact(workspace, run_id, "records")
    joining = _joinings(joinings.weighed.filter(ends))
    groups = [_groups(of_one)[0] for of_one in members]
    return PairShown(
        run_id=run_id,
        left=groups[0],
        right=groups[1],
        compared=stored.height > 0,
        joining=joining[0] if joining else None,
        explanation=explain(stored if stored.height else _compared_now(workspace, run_id, model, left, right), model),
        fields=side_by_side(*(records.join(of_one, on=RECORD, how="semi") for of_one in members)),
    )


def _compared_now(workspace: Workspace, run_id: str, model: Model, left: int, right: int) -> pl.DataFrame:
    known = from_tables({name: read_artefact(workspace, run_id, name) for name in TABLES})
    return compare_two(known, model, left, right)


def _profile_of(joinings: Joinings, record: RecordKey, place: int) -> int:
    source, local_id, as_of = record
    found = joinings.members.filter(
        pl.col("source") == source, pl.col("local_id") == local_id, pl.col("as_of") == as_of
    )
    if not found.height:
        raise WorkspaceError("explain.no_record", run=joinings.run_id, place=place)
    return int(found["profile"][0])


def _groups(members: pl.DataFrame) -> tuple[Group, ...]:
    spans = members.group_by("profile", "person_id", "source", "local_id").agg(
        pl.col("as_of").min().alias("first"), pl.col("as_of").max().alias("last"), pl.len().alias("records")
    )
    return tuple(Group(**row) for row in spans.sort("source", "first", "profile").to_dicts())


def _joinings(weighed: pl.DataFrame) -> tuple[Joining, ...]:
    """From the strongest down."""
    columns = ["left", "right", "person_left", "person_right", "bits", "probability", "joined", "made_by"]
    ordered = weighed.sort("bits", "left", "right", descending=[True, False, False]).select(columns)
    return tuple(Joining(**row) for row in ordered.rename({"made_by": "verdict"}).to_dicts())
