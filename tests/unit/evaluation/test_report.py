"""The report: one self-contained page in both languages, whatever the figures hold."""

import re
from html.parser import HTMLParser

import polars as pl
import pytest

from evaluation.estimate import Estimate
from evaluation.evaluate import evaluate
from evaluation.formats import between, decimal, in_ten, percent, points, span
from evaluation.rate import Rate
from evaluation.recomputed import Recomputed
from evaluation.report import render_report
from evaluation.sentences import all_sentences
from evaluation.words import Words
from tests.unit.evaluation.town import town_flags, town_outputs, town_truth
from vocabulary.frames import HELD_FLAGS
from vocabulary.texts import text

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Balance(HTMLParser):
    """Collects every tag and fails on one that is closed out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def page_of(language="ja", flags=None, **changes):
    outputs = town_outputs() if flags is None else town_outputs(flags)
    found = evaluate(**outputs | changes, truth=town_truth(), capacities=(0.1, 0.2))
    return render_report(found, language=language, run="R1")


def parsed(page: str) -> Balance:
    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    return parser


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_needs_nothing_else(language):
    page = page_of(language)
    tags = parsed(page).seen
    names = {tag for tag, _ in tags}
    assert not names & {"script", "link", "img", "iframe"}
    assert dict(tags)["html"]["lang"] == language
    outside = {url for url in re.findall(r"https?://[^\s\"')]+", page) if "www.w3.org" not in url}
    assert outside == set()
    assert "url(" not in page
    assert "@import" not in page


def test_every_table_has_a_caption_and_scoped_headers():
    tags = parsed(page_of()).seen
    tables = sum(tag == "table" for tag, _ in tags)
    assert tables > 8
    assert sum(tag == "caption" for tag, _ in tags) == tables
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")


def test_every_plot_is_drawn_with_text_in_the_readers_language():
    page = page_of("ja")
    assert page.count("<svg") == page.count("<figcaption>") == 11
    assert "差のしきい値" in page
    assert "Threshold" not in page


def test_summary_says_how_many_in_ten():
    # at 10 % of the children one is listed in 2021 and one in 2022, both rightly: 2 of 3 onsets
    assert "10件中 10.0 件" in page_of("ja")
    assert "10件中 6.7 件" in page_of("ja")


def test_a_page_of_a_run_without_flags_or_confidence():
    persons = town_outputs()["persons"].with_columns(link_confidence=pl.lit(None, pl.Float64))
    page = page_of("en", flags=town_flags(), persons=persons)
    assert parsed(page).text
    assert "None" not in page


def test_a_page_of_a_run_of_one_year_judges_links_only():
    evaluation = evaluate(**town_outputs(), truth=town_truth()).model_copy(update={"flags": None})
    page = render_report(evaluation, language="en")
    assert text("evaluation.no_history", language="en") in page
    assert text("evaluation.delay_title", language="en") not in page
    assert "None" not in page


def test_names_from_outside_are_escaped():
    truth = town_truth()
    truth["shocks"] = truth["shocks"].with_columns(kind=pl.lit("<b>x</b>"))
    page = render_report(evaluate(**town_outputs(), truth=truth), language="en", run="<i>")
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<i>" not in page


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "–"), (1.0, "100.00 %"), (0.99999, "99.999 %"), (0.5, "50.00 %"), (0.0, "0.00 %")],
)
def test_a_share_below_one_is_never_rounded_up_to_the_whole(value, written):
    assert percent(value) == written


def test_in_ten():
    assert in_ten(Rate.counted(1, 3)) == "3.3"
    assert in_ten(Rate.counted(0, 0)) == "–"


def whole_page(language):
    """A page with every section that a town can have."""
    flags = town_outputs()["flags"]
    scored = flags.with_columns(score=pl.lit(0.5))
    anew = Recomputed(
        longer=scored,
        scores=scored.select("person_id", "year", "score"),
        truly_linked=scored.with_columns(pl.col("person_id").str.to_lowercase()),
        without={("school", "score_math"): flags, ("school", "*"): flags, ("nursery", "<i>"): None},
        without_all=lambda columns: flags,
    )
    held = pl.DataFrame(schema=HELD_FLAGS)
    found = evaluate(
        **town_outputs() | {"flags": scored}, truth=town_truth(), capacities=(0.1, 0.2), held=held, recomputed=anew
    )
    return found, render_report(found, language=language)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_section_of_the_contents_is_there(language):
    _, page = whole_page(language)
    anchors = re.findall(r'href="#(\w+)"', page)
    assert {"list", "rules", "score", "groups", "linkage", "sources", "costs", "links", "limits"} <= set(anchors)
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    assert "None" not in page
    assert "nursery: &lt;i&gt;" in page
    parsed(page)


def test_sentences_say_what_the_figures_say():
    found, _ = whole_page("en")
    said = all_sentences(found, Words("en"))
    rule = found.flags.main.rule("flags")
    assert said["headline"].startswith(f"{in_ten(rule.precision)} in 10 children on the list")
    assert "2021–2023" in said["headline"]
    assert "within chance" in said["score"]
    assert "0 flags wait" in said["held"]
    assert "0.0 points" in said["together"].replace("+0.0", "0.0")
    assert "nursery: <i>" in said["sources"]


def test_columns_go_by_their_japanese_header_or_their_name():
    assert Words("ja").column("school", "days_absent") == "学校: 欠席日数"
    assert Words("en").column("school", "days_absent") == "School: days_absent"
    assert Words("ja").column("nursery", "visits") == "nursery: visits"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (points(-0.0001), "+0.0"),
        (points(-0.125), "−12.5"),
        (points(None), "–"),
        (span(Estimate(value=0.1, low=-0.05, high=0.2)), "[−5.0, +20.0]"),
        (span(Estimate(value=None)), "–"),
        (between(Estimate(value=1.0, low=-1.0, high=2000.0)), "[−1.0, 2,000.0]"),
        (decimal(-0.04), "0.0"),
    ],
)
def test_differences_carry_their_sign_and_nought_none(written, expected):
    assert written == expected
