"""How good a run's links are against a truth: figures only, from frames only.

The agreement is given twice: among the truth's records that the run linked, and against the whole truth,
where a record set aside or never read is a record not found.
"""

import polars as pl

from evaluation.calibration import CalibrationBin, link_calibration, person_calibration
from evaluation.circumstances import circumstances
from evaluation.clusters import Score, bcubed, child_sizes, contingency, exact, pairwise
from evaluation.fairness import Fairness, fairness
from evaluation.groups import GroupQuality, group_qualities
from evaluation.happenings import happenings
from evaluation.rate import Figures, Rate
from vocabulary.errors import EvaluationError
from vocabulary.frames import KEY


class Agreement(Figures):
    """The three families of measures over one set of records."""

    records: int
    children: int
    persons: int
    pairwise: Score
    bcubed: Score
    exact: Score


class MixedPerson(Figures):
    """A person that holds the records of several children; `relation` is twin, sibling or unrelated."""

    person_id: str
    children: int
    records: int
    relation: str


class Size(Figures):
    """How many persons, and how many children, have `records` records."""

    records: int
    persons: int
    children: int


class LinkageQuality(Figures):
    """All figures on links. `linked` is among linked records, `whole` against every record of the truth."""

    records_of_truth: int
    records_linked: int
    records_not_linked: int
    links_without_truth: int
    linked: Agreement
    whole: Agreement
    mixed: Rate
    mixed_persons: tuple[MixedPerson, ...]
    split: Rate
    persons_per_split_child: dict[int, int]
    sizes: tuple[Size, ...]
    link_calibration: tuple[CalibrationBin, ...]
    person_calibration: tuple[CalibrationBin, ...]
    groups: tuple[GroupQuality, ...]
    fairness: Fairness


def linkage_quality(
    links: pl.DataFrame,
    truth_records: pl.DataFrame,
    truth_children: pl.DataFrame,
    *,
    traits: pl.DataFrame | None = None,
    persons: pl.DataFrame | None = None,
    timeline: pl.DataFrame | None = None,
) -> LinkageQuality:
    """Compare the persons of a run with the children of a truth.

    Parameters
    ----------
    links
        LINKS: one row a linked record.
    truth_records, truth_children
        TRUTH_RECORDS and TRUTH_CHILDREN.
    traits
        What each record shows, in codes, as `evaluation.happenings.happenings` takes it.
    persons
        PERSONS, for the calibration of `link_confidence` and for the sex; without it these are left out.
    timeline
        TIMELINE, for family and benefits; without it these groups are left out.

    Raises
    ------
    EvaluationError
        A record stands twice in the links or for two children in the truth, or no link is in the truth.

    """
    truth_records = truth_records.unique([*KEY, "child"])
    _one_row_a_record(links, "evaluation.link_twice")
    _one_row_a_record(truth_records, "evaluation.record_of_two_children")
    matched = links.join(truth_records, on=[*KEY], how="inner")
    if matched.is_empty():
        raise EvaluationError("evaluation.nothing_in_common", links=links.height, records=truth_records.height)
    children, everyone = child_sizes(matched), child_sizes(truth_records)
    cells = contingency(matched, children)
    mixed, split = _mixed(cells), _split(cells)
    return LinkageQuality(
        records_of_truth=truth_records.height,
        records_linked=matched.height,
        records_not_linked=truth_records.height - matched.height,
        links_without_truth=links.height - matched.height,
        linked=agreement(cells, children),
        whole=agreement(contingency(matched, everyone), everyone),
        mixed=Rate.counted(mixed["person_id"].n_unique(), cells["person_id"].n_unique()),
        mixed_persons=mixed_persons(mixed, truth_children),
        split=Rate.counted(split.height, children.height),
        persons_per_split_child=dict(split.group_by("persons").len().sort("persons").iter_rows()),
        sizes=sizes(cells),
        link_calibration=link_calibration(matched, cells),
        person_calibration=() if persons is None else person_calibration(persons, cells),
        groups=group_qualities(cells, happenings(truth_records, truth_children, traits)),
        fairness=fairness(
            cells, circumstances(matched, truth_children, persons=persons, timeline=timeline, traits=traits)
        ),
    )


def agreement(cells: pl.DataFrame, children: pl.DataFrame) -> Agreement:
    """Measure `cells` against `children`, as `evaluation.clusters` takes them."""
    return Agreement(
        records=int(children["of_child"].sum()),
        children=children.height,
        persons=cells["person_id"].n_unique(),
        pairwise=pairwise(cells, children),
        bcubed=bcubed(cells, children),
        exact=exact(cells, children),
    )


def mixed_persons(mixed: pl.DataFrame, truth_children: pl.DataFrame) -> tuple[MixedPerson, ...]:
    """Persons of several children, most records first, with how these children are related."""
    found = (
        mixed.join(truth_children.select("child", "family", "twin", "birth_date"), on="child", how="left")
        .group_by("person_id")
        .agg(
            children=pl.len(),
            records=pl.col("of_person").first(),
            siblings=pl.col("family").is_not_null().all() & (pl.col("family").n_unique() == 1),
            twins=pl.col("twin").fill_null(False).all() & (pl.col("birth_date").n_unique() == 1),
        )
        .sort("records", "person_id", descending=[True, False])
    )
    relation = (
        pl.when("siblings", "twins")
        .then(pl.lit("twin"))
        .when("siblings")
        .then(pl.lit("sibling"))
        .otherwise(pl.lit("unrelated"))
    )
    rows = found.select("person_id", "children", "records", relation=relation)
    return tuple(MixedPerson(**row) for row in rows.iter_rows(named=True))


def sizes(cells: pl.DataFrame) -> tuple[Size, ...]:
    """How many persons and how many children have each number of records."""
    persons = cells.unique("person_id").group_by(records="of_person").agg(persons=pl.len())
    children = cells.unique("child").group_by(records="of_child").agg(children=pl.len())
    both = persons.join(children, on="records", how="full", coalesce=True).fill_null(0).sort("records")
    return tuple(Size(**row) for row in both.iter_rows(named=True))


def _mixed(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.filter(pl.len().over("person_id") > 1)


def _split(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.group_by("child").agg(persons=pl.len()).filter(pl.col("persons") > 1)


def _one_row_a_record(records: pl.DataFrame, error: str) -> None:
    repeated = records.height - records.n_unique([*KEY])
    if repeated:
        raise EvaluationError(error, repeated=repeated)
