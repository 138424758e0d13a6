"""Link review for the pages, by the functions of the terminal. Answers `api.links.link_reviews.LinkReviews`."""

from collections.abc import Iterable
from dataclasses import asdict
from secrets import randbelow
from threading import Lock

import polars as pl

from api.links import link_reviews as shown
from evaluation.clerical import Estimate
from governance import reviews
from governance.export_terms import within_retention
from governance.review_state import ReviewState, Verdict
from governance.reviews import Review
from governance.runs import latest_run, read_artefact
from governance.workspace import Workspace
from mimamori import explain, review, review_events, review_sample
from mimamori.explain_words import READINGS, pair_said, reading_title, steps, total_name
from mimamori.joinings import Joinings, read_joinings, refreshed, undecided_by
from vocabulary.errors import WorkspaceError

SEEDS = 2**31
"""A seed below this is drawn for a sample; it is in the log with what was drawn."""


class Reviews:
    """Link review of the latest run; what the run joined is read once and kept, decisions are read each time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._held: Joinings | None = None
        self._lock = Lock()

    def queue(self, which: shown.Which, *, actor: str, start: int, rows: int) -> shown.Queue:
        """As of `LinkReviews`."""
        joinings = self._joinings()
        waiting = self._waiting(joinings, which, actor)
        page = waiting.slice(start, rows)
        spans = _spans(joinings, page)
        listed = page.join(spans, on=["left", "right"], how="left", maintain_order="left").to_dicts()
        standing = [one for one in joinings.reviews.values() if one.state is not ReviewState.PROPOSED]
        return shown.Queue(
            joinings.run_id, tuple(_waiting_row(row, which) for row in listed), waiting.height, len(standing)
        )

    def next_after(self, which: shown.Which, *, actor: str) -> tuple[int, int] | None:
        """As of `LinkReviews`."""
        waiting = self._waiting(self._joinings(), which, actor)
        return (int(waiting["left"][0]), int(waiting["right"][0])) if waiting.height else None

    def pair(self, left: int, right: int, *, actor: str, evidence: bool) -> shown.Pair:
        """As of `LinkReviews`."""
        joinings = self._joinings()
        self._hold_retention(joinings, actor)
        sides = review.show(self._workspace, joinings, left, right, actor=actor)
        said, readings = self._evidence(joinings, left, right, actor) if evidence else ((), ())
        return shown.Pair(
            run_id=sides.run_id,
            left=left,
            right=right,
            numbers_left=tuple(shown.Number(**asdict(one)) for one in sides.numbers_left),
            numbers_right=tuple(shown.Number(**asdict(one)) for one in sides.numbers_right),
            fields=tuple(
                shown.Field(
                    field.name,
                    field.agreement,
                    tuple(shown.Value(**asdict(one)) for one in field.left),
                    tuple(shown.Value(**asdict(one)) for one in field.right),
                )
                for field in sides.fields
            ),
            said=said,
            readings=readings,
            decision=sides.decision,
            persons=joinings.persons_of(left, right),
        )

    def person(self, person_id: str, *, actor: str) -> shown.Person:
        """As of `LinkReviews`."""
        joinings = self._joinings()
        self._hold_retention(joinings, actor)
        found = explain.explain_person(self._workspace, joinings, person_id, actor=actor, in_full=False)
        columns = shown.Group.__dataclass_fields__
        return shown.Person(
            run_id=found.run_id,
            person_id=person_id,
            groups=tuple(
                shown.Group(**{name: getattr(one, name) for name in columns})
                for one in sorted(found.groups, key=lambda group: (group.first, group.source, group.profile))
            ),
            joined=tuple(_link(one, None) for one in found.joinings),
            apart=tuple(
                _link(one, one.person_right if one.person_left == person_id else one.person_left) for one in found.apart
            ),
        )

    def decide(self, left: int, right: int, *, verdict: Verdict, reason: str, actor: str) -> Review:
        """As of `LinkReviews`."""
        joinings = self._joinings()
        return review.decide(self._workspace, joinings, left, right, verdict=verdict, reason=reason, actor=actor)

    def confirm_person(self, left: int, right: int, *, reason: str, actor: str) -> int:
        """As of `LinkReviews`."""
        joinings = self._joinings()
        return len(review.confirm_person(self._workspace, joinings, left, right, reason=reason, actor=actor))

    def undo(self, review_id: str, *, reason: str, actor: str) -> Review:
        """As of `LinkReviews`."""
        return reviews.undo(self._workspace, review_id, reason=reason, actor=actor)

    def decided(self) -> list[Review]:
        """As of `LinkReviews`."""
        return reviews.list_reviews(self._workspace)[::-1]

    def events(self) -> tuple[shown.Event, ...]:
        """As of `LinkReviews`."""
        found = review_events.read_events(self._workspace, self._joinings().run_id)
        return tuple(shown.Event(**row) for row in found.iter_rows(named=True))

    def revert(self, event: int, *, reason: str, actor: str) -> int:
        """As of `LinkReviews`."""
        joinings = self._joinings()
        return len(review_events.revert(self._workspace, joinings, event, reason=reason, actor=actor))

    def sample(self) -> shown.SampleState | None:
        """As of `LinkReviews`."""
        joinings = self._joinings()
        if reviews.last_sample(self._workspace, joinings.run_id) is None:
            return None
        drawn = review_sample.read_sample(self._workspace, joinings)
        waiting = review_sample.sample_queue(drawn).height
        if waiting:
            return shown.SampleState(drawn.joinings.height, waiting, None, None)
        found = review_sample.estimate(self._workspace, joinings)
        recall = None if found.recall is None else _estimated(found.recall)
        return shown.SampleState(drawn.joinings.height, 0, _estimated(found.precision), recall)

    def draw(self, persons: int, *, offers: int, actor: str) -> None:
        """As of `LinkReviews`."""
        joinings = self._joinings()
        review_sample.draw_sample(
            self._workspace, joinings, persons=persons, offers=offers, seed=randbelow(SEEDS), actor=actor
        )

    def _joinings(self) -> Joinings:
        """What the latest run joined, with the decisions that stand now."""
        run_id = latest_run(self._workspace)
        if run_id is None:
            raise WorkspaceError("review.no_run")
        with self._lock:
            if self._held is None or self._held.run_id != run_id:
                self._held = read_joinings(self._workspace, run_id)
            held = self._held
        return refreshed(self._workspace, held)

    def _hold_retention(self, joinings: Joinings, actor: str) -> None:
        """Refuse names of a run whose approval was revoked, or whose extracts are past their retention; logged."""
        within_retention(self._workspace, joinings.run_id, ["records"], actor=actor)

    def _waiting(self, joinings: Joinings, which: shown.Which, actor: str) -> pl.DataFrame:
        """`review.QUEUE` of what waits for `actor`."""
        if which == "sample":
            return review_sample.sample_queue(review_sample.read_sample(self._workspace, joinings), actor=actor)
        if which == "second":
            waits = pl.col("verdict").is_not_null() & undecided_by(actor)
            found = joinings.joinings.filter(waits).with_columns(information=pl.lit(None, pl.Float64))
            return found.select(review.QUEUE).sort("left", "right")
        found = review.queue(joinings, between=self._workspace.settings.review_between, actor=actor)
        return found.join(self._on_held(joinings), on=["left", "right"], how="semi") if which == "held" else found

    def _on_held(self, joinings: Joinings) -> pl.DataFrame:
        """`left`, `right` of joinings of children whose flag waits for a review of the link."""
        held = read_artefact(self._workspace, joinings.run_id, "held_flags", ["person_id"])["person_id"]
        persons = pl.any_horizontal(pl.col("person_left", "person_right").is_in(held.unique().implode()))
        return joinings.weighed.filter(persons).select("left", "right")

    def _evidence(
        self, joinings: Joinings, left: int, right: int, actor: str
    ) -> tuple[tuple[str, ...], tuple[shown.Reading, ...]]:
        """What the run made of two groups, and the evidence step by step."""
        try:
            pair = explain.explain_pair(self._workspace, joinings, left, right, actor=actor)
        except WorkspaceError as error:
            if error.key != "explain.model_other":
                raise
            return (str(error),), ()
        readings = tuple(
            shown.Reading(
                reading_title(pair.explanation, one),
                tuple(shown.Step(**asdict(step)) for step in steps(pair.explanation, one)),
                total_name(pair.explanation, one),
            )
            for one in sorted(READINGS, key=lambda one: one != pair.explanation.decided_by)
        )
        return tuple(pair_said(pair)), readings


def _spans(joinings: Joinings, page: pl.DataFrame) -> pl.DataFrame:
    """`left`, `right`, `sources`, `first`, `last` of the records of the two profiles of each row."""
    ends = page.select("left", "right", pl.concat_list("left", "right").alias("profile")).explode("profile")
    return (
        ends.join(joinings.members, on="profile")
        .group_by("left", "right")
        .agg(
            pl.col("source").unique().sort().alias("sources"),
            pl.col("as_of").min().alias("first"),
            pl.col("as_of").max().alias("last"),
        )
    )


def _waiting_row(row: dict[str, object], which: shown.Which) -> shown.Waiting:
    known = {name: row[name] for name in ("left", "right", "records", "first", "last")}
    seen = {name: None if which == "sample" else row[name] for name in ("probability", "joined")}
    sources = row["sources"]
    return shown.Waiting(**known, **seen, sources=tuple(sources if isinstance(sources, Iterable) else ()))  # type: ignore[arg-type]


def _link(joining: explain.Joining, other: str | None) -> shown.Link:
    return shown.Link(joining.left, joining.right, joining.bits, joining.probability, joining.verdict, other)


def _estimated(found: Estimate) -> shown.Estimated:
    return shown.Estimated(found.value, found.low, found.high, found.draws)
