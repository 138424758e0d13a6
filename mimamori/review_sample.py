"""The sample by which precision and recall are estimated without a truth: drawn, asked, evaluated.

A sample is drawn once, and logged with its seed and the digest of what was drawn, before anything of it is decided; it
is drawn anew from these whenever it is needed, and nothing else has to be kept.
"""

from dataclasses import dataclass

import polars as pl

from evaluation.clerical import (
    Estimate,
    draw,
    draw_offers,
    estimate_precision,
    estimate_recall,
    offer_weights,
    right_shares,
)
from governance.digest import sha256_json
from governance.reviews import last_sample, log_sample
from governance.workspace import Workspace
from mimamori.joinings import Joinings, settled_verdict, undecided_by
from mimamori.review import QUEUE
from vocabulary.errors import IntegrityError, WorkspaceError


@dataclass(frozen=True)
class Sample:
    """Persons drawn in proportion to their record pairs, and joinings not made, drawn from each stratum.

    Attributes
    ----------
    persons
        `person_id`, `records`, `profiles`, `pairs`, `times`.
    offers
        Columns of `Joinings.joinings`, `pairs`, `stratum`, `times`.
    joinings
        Every joining that is to be decided: those within the persons, and the offers.
    """

    persons: pl.DataFrame
    offers: pl.DataFrame
    joinings: pl.DataFrame

    @property
    def sha256(self) -> str:
        """Digest of what was drawn."""
        return sha256_json(
            {
                "persons": self.persons.select("person_id", "times").rows(),
                "offers": self.offers.select("left", "right", "times").rows(),
            }
        )


@dataclass(frozen=True)
class Estimates:
    """What a reviewed sample says of a run. `recall` is among compared pairs; null where no offers were drawn."""

    run_id: str
    precision: Estimate
    recall: Estimate | None
    persons: int
    joinings: int


def draw_sample(
    workspace: Workspace, joinings: Joinings, *, persons: int, offers: int, seed: int, actor: str
) -> Sample:
    """Draw a sample and log it; it takes the place of an earlier one of the run.

    Parameters
    ----------
    workspace, joinings
        Where, and the run.
    persons
        Draws of persons of more than one profile, with replacement.
    offers
        Draws of joinings not made; 0 where recall is not asked for.
    seed
        Of both.
    actor
        Who draws it.

    Raises
    ------
    WorkspaceError
        `persons` is not above 0 or `offers` below it, the run has nothing to draw from, or `actor` may not review.
    """
    if persons < 1 or offers < 0:
        raise WorkspaceError("review.sample_size")
    sample = _sample(joinings, persons, offers, seed)
    if not sample.persons.height:
        raise WorkspaceError("review.sample_empty", run=joinings.run_id)
    body = {"persons": persons, "offers": offers, "seed": seed, "sha256": sample.sha256}
    log_sample(workspace, run_id=joinings.run_id, body=body, actor=actor)
    return sample


def read_sample(workspace: Workspace, joinings: Joinings) -> Sample:
    """The sample drawn last from a run.

    Raises
    ------
    WorkspaceError
        None was drawn.
    IntegrityError
        What is drawn now is not what was drawn then.
    """
    logged = last_sample(workspace, joinings.run_id)
    if logged is None:
        raise WorkspaceError("review.no_sample", run=joinings.run_id)
    sample = _sample(joinings, *(int(str(logged[name])) for name in ("persons", "offers", "seed")))
    if sample.sha256 != logged["sha256"]:
        raise IntegrityError("review.sample_differs", run=joinings.run_id)
    return sample


def sample_queue(sample: Sample, *, actor: str | None = None) -> pl.DataFrame:
    """Joinings of the sample that are still to be decided, in an order that says nothing: see `review.queue`."""
    waiting = sample.joinings.filter(undecided_by(actor)).with_columns(information=pl.lit(None, pl.Float64))
    return waiting.select(QUEUE)


def estimate(workspace: Workspace, joinings: Joinings) -> Estimates:
    """Precision and recall of a run from its sample, all of whose joinings are decided.

    Raises
    ------
    WorkspaceError
        No sample was drawn, or some of it is not decided.
    """
    sample = read_sample(workspace, joinings)
    decided = sample.joinings.with_columns(verdict=settled_verdict())
    waiting = decided["verdict"].null_count()
    if waiting:
        raise WorkspaceError("review.sample_undecided", run=joinings.run_id, waiting=waiting, of=decided.height)
    return _estimate(joinings, sample, decided)


def _estimate(joinings: Joinings, sample: Sample, decided: pl.DataFrame) -> Estimates:
    shares = _shares(joinings, sample, decided.filter("joined"))
    found = float(joinings.persons["pairs"].sum())
    certain = float(joinings.persons.filter(pl.col("profiles") == 1)["pairs"].sum()) / found
    return Estimates(
        run_id=joinings.run_id,
        precision=estimate_precision(shares, certain=certain),
        recall=_recall(joinings, sample, decided, found, estimate_precision(shares, certain=certain, joint=True)),
        persons=sample.persons.height,
        joinings=decided.height,
    )


def _recall(
    joinings: Joinings, sample: Sample, decided: pl.DataFrame, found: float, precision: Estimate
) -> Estimate | None:
    if not sample.offers.height:
        return None
    verdicts = decided.select("left", "right", "verdict")
    offers = sample.offers.select("left", "right", "stratum", "times").join(verdicts, on=["left", "right"])
    return estimate_recall(offers, weights=offer_weights(_offers(joinings)), found=found, precision=precision)


def _sample(joinings: Joinings, persons: int, offers: int, seed: int) -> Sample:
    drawn = draw(joinings.persons.filter(pl.col("profiles") > 1), persons, weight="pairs", seed=seed)
    not_made = draw_offers(_offers(joinings), offers, seed=seed + 1)
    inside = pl.col("person_left").is_in(drawn["person_id"].implode())
    one_person = pl.col("person_left") == pl.col("person_right")
    tree = joinings.joinings.filter("joined", inside, one_person)
    asked = pl.concat([tree, not_made.select(tree.columns)]).sort("left", "right")
    return Sample(drawn, not_made, asked)


def _offers(joinings: Joinings) -> pl.DataFrame:
    """Joinings not made, with the record pairs each would have added."""
    records = joinings.persons.select("person_id", "records")
    return (
        joinings.joinings.filter(~pl.col("joined"), pl.col("person_left") != pl.col("person_right"))
        .join(records.rename({"person_id": "person_left", "records": "a"}), on="person_left", maintain_order="left")
        .join(records.rename({"person_id": "person_right", "records": "b"}), on="person_right", maintain_order="left")
        .with_columns(pairs=pl.col("a") * pl.col("b"))
        .drop("a", "b")
    )


def _shares(joinings: Joinings, sample: Sample, tree: pl.DataFrame) -> pl.DataFrame:
    """`times`, `low`, `high` of each drawn person.

    Profiles that a decision joined against the evidence may have no joining among the run's; the decision is one.
    """
    by_decision = [(*pair, one.verdict.value) for pair, one in joinings.reviews.items() if one.binds]
    asked = tree.select("left", "right", "verdict")
    tree = pl.concat([asked, pl.DataFrame(by_decision, schema=asked.schema, orient="row")])
    inside = joinings.members.join(sample.persons, on="person_id", how="semi")
    profiles = inside.group_by("person_id", "profile").agg(records=pl.len().cast(pl.Int64)).sort("profile")
    return right_shares(profiles, tree).join(sample.persons, on="person_id")
