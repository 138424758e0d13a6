"""The card tells where labels came from, for whom it errs, and is one page that needs nothing else."""

import re
from datetime import date
from html.parser import HTMLParser

import polars as pl
import pytest

from indicators.model_card import FEWEST_SHOWN, Card, learn, render_card, signed
from tests.unit.indicators.learning_scenes import RULES, scene
from vocabulary.errors import MimamoriError
from vocabulary.frames import INDICATORS, PERSONS

CITY = scene(3)
IDS = CITY.scores.table["person_id"].unique().sort().to_list()


def persons() -> pl.DataFrame:
    rows = [
        (
            name,
            date(2008 + at % 12, 6, 1),
            "MF"[at % 2],
            date(2021, 4, 1),
            date(2025, 4, 1),
            "school",
            0.9 + 0.1 * (at % 3 > 0),
        )
        for at, name in enumerate(IDS)
    ]
    return pl.DataFrame(rows, schema=PERSONS, orient="row")


def single_parents() -> pl.DataFrame:
    table = CITY.scores.table.with_columns(
        pl.lit("single_parent").alias("indicator"),
        (pl.col("person_id").str.slice(1).cast(pl.Int32) % 4 == 0).cast(pl.Float64).alias("value"),
    )
    return pl.concat([INDICATORS.to_frame(), table.select("person_id", "year", "indicator", "value")], how="diagonal")


def make(outcomes: pl.DataFrame) -> Card:
    return learn(CITY.scores, outcomes, single_parents(), persons(), RULES, run="run-1")


@pytest.fixture(scope="module")
def card() -> Card:
    listed = CITY.outcomes(CITY.first(60)).with_row_index()
    known = pl.when((pl.col("outcome") == "confirmed") & (pl.col("index") % 3 == 0)).then(pl.lit("already_known"))
    return make(listed.with_columns(known.otherwise("outcome").alias("outcome")).drop("index"))


def test_labels_are_counted_by_year_and_kind(card: Card):
    assert [year.year for year in card.years] == [2021, 2022, 2023, 2024, 2025]
    for year in card.years:
        assert year.labels == year.listed == sum(year.outcomes.values()) == 60
    hardship = sum(year.outcomes["confirmed"] + year.outcomes["already_known"] for year in card.years)
    assert card.previously_unknown.of == hardship
    assert card.previously_unknown.hits == sum(year.outcomes["confirmed"] for year in card.years)


def test_groups_part_the_judged_children(card: Card):
    judged = {group.group: group.judged for group in card.groups}
    for pair in (("girls", "boys"), ("single_parent", "two_parents"), ("sure_links", "less_sure_links")):
        assert sum(judged[one] for one in pair) == card.comparison.judged
    assert all(group.judged >= FEWEST_SHOWN for group in card.groups)
    for group in card.groups:
        assert group.found.of == group.judged
        assert group.missed.of == group.found.hits
        assert group.precision.hits + group.missed.hits == group.found.hits


def test_the_card_survives_being_written_down(card: Card):
    again = Card.model_validate_json(card.model_dump_json())
    assert again == card
    assert again.scorecard.version == card.version


def test_too_few_labels_make_no_card():
    with pytest.raises(MimamoriError):
        make(CITY.outcomes(CITY.first(5)))


def test_other_labels_have_another_digest(card: Card):
    assert make(CITY.outcomes(CITY.first(60))).labels_sha256 != card.labels_sha256


class Outline(HTMLParser):
    """Tags, and the rows of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_needs_nothing_else_and_names_no_child(card: Card, language: str):
    page = render_card(card, RULES, language=language, state="trained", trained_at="2026-04-01 10:00")
    outline = Outline()
    outline.feed(page)
    assert not {"script", "link", "img", "iframe"} & set(outline.tags)
    assert not {"href", "src"} & {name for name, _ in outline.attributes}
    assert "url(" not in page
    assert ("lang", language) in outline.attributes
    assert not re.search(r"\bp\d{4}\b", page)
    for told in (card.version, card.labels_sha256, card.rules_version, "run-1"):
        assert told in page
    titles = [getattr(RULES.indicators[reason.indicator].title, language) for reason in card.scorecard.reasons]
    assert all(title in page for title in titles)
    assert "{" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_without_a_comparison_the_page_says_so(card: Card):
    bare = card.model_copy(update={"comparison": None, "groups": ()})
    page = render_card(bare, RULES, language="en", state="trained", trained_at="-")
    assert "is not known yet" in page
    assert "<svg" not in page


@pytest.mark.parametrize(("points", "said"), [(3, "+3"), (0, "0"), (-3, "−3")])
def test_points_are_said_with_their_sign(points: int, said: str):
    assert signed(points) == said
