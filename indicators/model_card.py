"""The model card of a scorecard: what it was learnt from, what it weighs, how often it errs and for whom.

The card is data, and one HTML page made of it that needs nothing else: no script, no outside asset. It holds counts and
shares of many children, never a row of one.

Source: Mitchell et al. 2019 (Model Cards for Model Reporting).
"""

import hashlib
from collections.abc import Mapping
from functools import partial

import numpy as np
import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from indicators.comparison import Comparison, Data, Figure, Share, compare, judged_rows, put_first, split_year
from indicators.rules import Rules
from indicators.score import Scores
from indicators.scorecard import SURPRISES, Scorecard
from indicators.training import Labels, both_kinds, labels_of, require_enough, train
from vocabulary.fiscal import grade_of
from vocabulary.page import style
from vocabulary.texts import Language, text

OUTCOMES_SHOWN = ("confirmed", "already_known", "not_needed")
FEWEST_SHOWN = 10
"""Groups of fewer judged children are not shown: their shares say nothing, and they are small cells."""
SUMS_SHOWN = [0, 20, 40, 60, 80, 100]
"""Sums of points whose probability the card states."""
SCHOOLS = {"under_school": (-99, 0), "elementary": (1, 6), "junior_high": (7, 9), "high_school": (10, 12)}
SURE = 0.99
"""Link confidence from which a child's records hang together surely."""


class YearCounts(Data):
    """Labels of one fiscal year."""

    year: int
    labels: int
    listed: int  # the others were found elsewhere
    outcomes: Mapping[str, int]


class Group(Data):
    """A group of the judged children under the trained score."""

    group: str
    judged: int
    found: Share  # hardship among all of the group
    predicted: float  # mean probability
    precision: Share  # hardship among those of the group that the score puts first
    missed: Share  # not put first among those with hardship


class Card(Data):
    """All of the card."""

    version: str
    run: str
    rules_version: str
    labels_sha256: str
    scorecard: Scorecard
    years: tuple[YearCounts, ...]
    previously_unknown: Share  # among those with hardship
    comparison: Comparison | None  # null where a split by time leaves nothing to learn from or to judge
    groups: tuple[Group, ...]


def learn(
    scores: Scores, outcomes: pl.DataFrame, indicators: pl.DataFrame, persons: pl.DataFrame, rules: Rules, *, run: str
) -> Card:
    """Learn a scorecard from all outcomes, and judge one learnt from the earlier years on the later ones.

    Parameters
    ----------
    scores : Scores
        As `indicators.score.score_changes` gives it, without a scorecard.
    outcomes : DataFrame
        vocabulary.frames.OUTCOMES with `listed` (Boolean).
    indicators, persons : DataFrame
        INDICATORS and PERSONS of the run.
    rules : Rules
        Those the indicators were computed by.
    run : str
        Id of the run.

    Raises
    ------
    MimamoriError
        There are too few labels.
    """
    labels = labels_of(scores, outcomes)
    require_enough(labels)
    domains = [rules.indicators[name].domain for name in scores.names]
    scorecard = train(scores, labels, domains)
    first_year = split_year(labels)
    before, now = labels.where(labels.year < first_year), judged_rows(labels, first_year)
    earlier = train(scores, before, domains) if both_kinds(before) and len(now) else None
    known = int((labels.outcome == "already_known").sum())
    hardship = int(labels.hardship.sum())
    return Card(
        version=scorecard.version,
        run=run,
        rules_version=rules.version,
        labels_sha256=_digest(outcomes),
        scorecard=scorecard,
        years=_by_year(labels),
        previously_unknown=Share.counted(hardship - known, hardship),
        comparison=compare(scores, earlier, labels) if earlier else None,
        groups=_groups(scores, earlier, now, indicators, persons) if earlier else (),
    )


def _digest(outcomes: pl.DataFrame) -> str:
    """SHA-256 of the outcomes as CSV, in order of child and year."""
    return hashlib.sha256(outcomes.sort("person_id", "year").write_csv().encode()).hexdigest()


def _by_year(labels: Labels) -> tuple[YearCounts, ...]:
    return tuple(
        YearCounts(
            year=int(year),
            labels=len(of_year),
            listed=int(of_year.listed.sum()),
            outcomes={one: int((of_year.outcome == one).sum()) for one in OUTCOMES_SHOWN},
        )
        for year in np.unique(labels.year)
        for of_year in [labels.where(labels.year == year)]
    )


def _groups(
    scores: Scores, scorecard: Scorecard, labels: Labels, indicators: pl.DataFrame, persons: pl.DataFrame
) -> tuple[Group, ...]:
    """The judged children by group, those of fewer than `FEWEST_SHOWN` left out."""
    probability = scorecard.probability(scorecard.terms(scores.names, scores.surprises[labels.row]).sum(axis=1))
    first = put_first(probability, labels.year)
    found = []
    for name, member in _members(scores.table[labels.row], indicators, persons).items():
        hardship = labels.hardship & member
        if member.sum() >= FEWEST_SHOWN:
            found.append(
                Group(
                    group=name,
                    judged=int(member.sum()),
                    found=Share.counted(int(hardship.sum()), int(member.sum())),
                    predicted=float(probability[member].mean()),
                    precision=Share.counted(int((hardship & first).sum()), int((member & first).sum())),
                    missed=Share.counted(int((hardship & ~first).sum()), int(hardship.sum())),
                )
            )
    return tuple(found)


def _members(judged: pl.DataFrame, indicators: pl.DataFrame, persons: pl.DataFrame) -> dict[str, np.ndarray]:
    """For each group, which of the judged child-years belong to it."""
    single = indicators.filter(pl.col("indicator") == "single_parent").select(
        "person_id", "year", (pl.col("value") >= 1).alias("single")
    )
    table = (
        judged.select("person_id", "year")
        .join(persons, on="person_id", how="left", maintain_order="left")
        .join(single, on=["person_id", "year"], how="left", maintain_order="left")
        .with_columns(grade_of(pl.col("birth_date"), pl.col("year")).alias("grade"))
    )
    groups = {
        "girls": pl.col("sex") == "F",
        "boys": pl.col("sex") == "M",
        **{name: pl.col("grade").is_between(low, high) for name, (low, high) in SCHOOLS.items()},
        "single_parent": pl.col("single"),
        "two_parents": ~pl.col("single"),
        "sure_links": pl.col("link_confidence") >= SURE,
        "less_sure_links": pl.col("link_confidence") < SURE,
    }
    return {name: table.select(of.fill_null(False)).to_series().to_numpy() for name, of in groups.items()}


def render_card(card: Card, rules: Rules, *, language: Language, state: str, trained_at: str) -> str:
    """The card as one HTML page.

    Parameters
    ----------
    card : Card
        What is told.
    rules : Rules
        Whose titles name the indicators; one that is gone goes by its name.
    language : str
        `ja` or `en`.
    state, trained_at : str
        Where the scorecard stands, in words, and when it was trained.
    """
    page = Environment(
        loader=PackageLoader("indicators", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page.filters |= {"percent": percent, "interval": interval, "signed": signed}
    titles = {name: getattr(rule.title, language) for name, rule in rules.indicators.items()}
    return page.get_template("model_card.html").render(
        style=style(),
        card=card,
        language=language,
        state=state,
        trained_at=trained_at,
        titles=titles,
        surprises=SURPRISES,
        outcomes=OUTCOMES_SHOWN,
        rows=card.scorecard.table().to_dicts(),
        say=partial(_say, language),
        word=partial(_word, language),
        sums=SUMS_SHOWN,
        example=card.scorecard.probability(np.array(SUMS_SHOWN)).tolist(),
    )


def _say(language: Language, key: str, **values: object) -> str:
    return text(f"score.card_{key}", language=language, **values)


def _word(language: Language, key: str) -> str:
    return text(key, language=language)


def percent(value: float | None, digits: int = 0) -> str:
    """A share as a percentage; a dash where there was nothing to count."""
    return "–" if value is None else f"{value:.{digits}%}"


def interval(figure: Share | Figure, digits: int = 0) -> str:
    """An interval of shares in percent."""
    return "" if figure.low is None or figure.high is None else f"{figure.low:.{digits}%}–{figure.high:.{digits}%}"


def signed(value: int) -> str:
    """Points with their sign; those taken off with a true minus."""
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "0"
