"""What a run joined and what it kept apart, with what reviewers have decided of it since."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from governance.review_state import ReviewState, Verdict
from governance.reviews import RecordKey, Review, list_reviews
from governance.runs import latest_run, read_artefact
from governance.workspace import Workspace
from linkage.evidence import probability
from vocabulary.errors import WorkspaceError
from vocabulary.frames import RECORD

DECIDED = {"review": pl.String(), "verdict": pl.String(), "state": pl.String(), "decided_by": pl.String()}


@dataclass(frozen=True)
class Joinings:
    """The groups of one run.

    Attributes
    ----------
    run_id
        The run.
    weighed
        `left`, `right` UInt32 (profiles), `bits` Float64, `joined` Boolean, `records` UInt32 (of the smaller side),
        `probability` Float64, `made_by` (the verdict by which this run made or refused the joining, or null),
        `person_left`, `person_right`.
    members
        `profile`, `source`, `local_id`, `as_of`, `person_id`: every record that was linked.
    reviews
        The decisions that stand and whose two records this run knows, by the profiles they are in.
    """

    run_id: str
    weighed: pl.DataFrame
    members: pl.DataFrame
    reviews: dict[tuple[int, int], Review]

    @cached_property
    def joinings(self) -> pl.DataFrame:
        """`weighed` with the decision that stands on each joining, null where there is none.

        `review` (its id), `verdict`, `state`, `decided_by`: on its two profiles, or, of a joining that was not made,
        between its two persons. Where the run itself kept to a decision there is the verdict and no id.
        """
        return _with_reviews(self.weighed, self.reviews, self.members)

    @cached_property
    def persons(self) -> pl.DataFrame:
        """`person_id`, `records`, `profiles`, `pairs` (of its records), by `person_id`."""
        return (
            self.members.group_by("person_id")
            .agg(records=pl.len().cast(pl.Int64), profiles=pl.col("profile").n_unique())
            .with_columns(pairs=pl.col("records") * (pl.col("records") - 1) // 2)
            .sort("person_id")
        )

    def record_of(self, profile: int) -> RecordKey:
        """The record by which a decision names a profile: its first.

        Raises
        ------
        WorkspaceError
            The run has no such profile.
        """
        first = self._records(profile).sort("as_of", "source", "local_id")
        source, local_id, as_of = first.select(RECORD).row(0)
        return source, local_id, as_of

    def standing(self, left: int, right: int) -> Review | None:
        """The decision that stands on two profiles, or on the joining between them by other records of its persons."""
        ends = (min(left, right), max(left, right))
        if ends in self.reviews:
            return self.reviews[ends]
        found = self.joinings.filter(pl.col("left") == ends[0], pl.col("right") == ends[1])["review"].to_list()
        return next((one for one in self.reviews.values() if one.id in found), None)

    def sides(self, left: int, right: int) -> tuple[list[int], list[int]]:
        """Profiles that go with each of two: what would stand apart, or together, by a decision on them.

        Two persons: all of each. Two profiles joined to one person: what hangs together on either side when their
        joining is taken out of the person's tree. Two others of one person: they themselves.
        """
        person = dict(zip((left, right), self.persons_of(left, right), strict=True))
        inside = pl.col("person_id").is_in(list(person.values()))
        profiles = self.members.filter(inside).select("profile", "person_id").unique().sort("profile")
        if person[left] != person[right]:
            by_person = dict(profiles.group_by("person_id").agg("profile").iter_rows())
            return sorted(by_person[person[left]]), sorted(by_person[person[right]])
        within = (pl.col("person_left") == person[left]) & (pl.col("person_right") == person[left])
        tree = self.joinings.filter("joined", within).select("left", "right").rows()
        ends = (min(left, right), max(left, right))
        if ends not in tree:
            return [left], [right]
        held = profiles["profile"].to_list()
        part = components(held, (edge for edge in tree if edge != ends))
        return [one for one in held if part[one] == part[left]], [one for one in held if part[one] == part[right]]

    def persons_of(self, left: int, right: int) -> tuple[str, str]:
        """The children to whom the run gave two profiles. Errors as of `record_of`."""
        first, second = (str(self._records(profile)["person_id"][0]) for profile in (left, right))
        return first, second

    def _records(self, profile: int) -> pl.DataFrame:
        held = self.members.filter(pl.col("profile") == profile)
        if not held.height:
            raise WorkspaceError("review.no_profile", run=self.run_id, profile=profile)
        return held


def read_joinings(workspace: Workspace, run_id: str) -> Joinings:
    """What a run joined and kept apart.

    Raises
    ------
    WorkspaceError
        There is no such run, or it was made before runs kept their joinings.
    """
    spine = read_artefact(workspace, run_id, "spine")
    members = read_artefact(workspace, run_id, "members").join(spine, on=RECORD, maintain_order="left")
    person = members.select("profile", "person_id").unique("profile")
    weighed = (
        read_artefact(workspace, run_id, "joinings")
        .rename({"review": "made_by"})
        .join(person.rename({"profile": "left", "person_id": "person_left"}), on="left")
        .join(person.rename({"profile": "right", "person_id": "person_right"}), on="right")
        .with_columns(probability=probability(pl.col("bits")))
        .sort("left", "right")
    )
    return Joinings(run_id, weighed, members, _by_profile(list_reviews(workspace), members))


def refreshed(workspace: Workspace, joinings: Joinings) -> Joinings:
    """The same run with the decisions that stand now."""
    return replace(joinings, reviews=_by_profile(list_reviews(workspace), joinings.members))


def resolve_run(workspace: Workspace, run_id: str | None) -> str:
    """The run asked for, or the last one.

    Raises
    ------
    WorkspaceError
        None was asked for and there is none.
    """
    found = run_id or latest_run(workspace)
    if found is None:
        raise WorkspaceError("review.no_run")
    return found


def components(nodes: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Number of the connected component of each node."""
    place = {node: number for number, node in enumerate(nodes)}
    ends = np.array([(place[a], place[b]) for a, b in edges], np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(len(place), len(place)))
    return dict(zip(place, connected_components(graph, directed=False)[1].tolist(), strict=True))


def _by_profile(reviews: Iterable[Review], members: pl.DataFrame) -> dict[tuple[int, int], Review]:
    standing = [one for one in reviews if one.stands]
    named = pl.DataFrame(
        [record for one in standing for record in (one.left, one.right)],
        schema={name: members.schema[name] for name in RECORD},
        orient="row",
    )
    profiles = named.join(members, on=RECORD, how="left", maintain_order="left")["profile"].to_list()
    found = {}
    for review, ends in zip(standing, zip(profiles[::2], profiles[1::2], strict=True), strict=True):
        if None not in ends and ends[0] != ends[1]:
            found[min(ends), max(ends)] = review
    return found


def _with_reviews(weighed: pl.DataFrame, reviews: dict[tuple[int, int], Review], members: pl.DataFrame) -> pl.DataFrame:
    rows = [(*ends, one.id, one.verdict.value, one.state.value, one.decided_by) for ends, one in reviews.items()]
    of_profiles = pl.DataFrame(rows, schema={"left": pl.UInt32(), "right": pl.UInt32(), **DECIDED}, orient="row")
    person = members.select("profile", "person_id").unique("profile")
    of_persons = (
        of_profiles.join(person.rename({"profile": "left", "person_id": "person_left"}), on="left")
        .join(person.rename({"profile": "right", "person_id": "person_right"}), on="right")
        .select(*_BOTH_PERSONS, *DECIDED)
        .unique(["a", "b"], keep="last", maintain_order=True)
    )
    beside = (
        weighed.with_columns(_BOTH_PERSONS)
        .join(of_profiles, on=["left", "right"], how="left", maintain_order="left")
        .join(of_persons, on=["a", "b"], how="left", maintain_order="left", suffix="_apart")
        .with_columns(pl.coalesce(name, pl.when(~pl.col("joined")).then(f"{name}_apart")) for name in DECIDED)
    )
    kept_to = pl.when(pl.col("made_by").is_not_null()).then(pl.lit(ReviewState.CONFIRMED.value))
    return beside.select(
        *weighed.columns,
        "review",
        pl.coalesce("verdict", "made_by").alias("verdict"),
        pl.coalesce("state", kept_to).alias("state"),
        "decided_by",
    )


_BOTH_PERSONS = [
    pl.min_horizontal("person_left", "person_right").alias("a"),
    pl.max_horizontal("person_left", "person_right").alias("b"),
]


def undecided_by(actor: str | None) -> pl.Expr:
    """Whether a joining is still to be decided: by anybody, or, where it waits for a second person, by `actor`."""
    waits = pl.col("state") == ReviewState.PROPOSED.value
    other = pl.lit(True) if actor is None else pl.col("decided_by") != actor
    return pl.col("verdict").is_null() | (waits & other)


def settled_verdict() -> pl.Expr:
    """Verdict of a joining for the estimates: a disputed one is "cannot say", a proposal none yet."""
    state = pl.col("state")
    return (
        pl.when(state == ReviewState.CONFIRMED.value)
        .then("verdict")
        .when(state == ReviewState.DISPUTED.value)
        .then(pl.lit(Verdict.CANNOT_SAY.value))
    )
