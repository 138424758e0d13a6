"""What a child's page tells: lanes, moves, years without records, the usual range, judgements, freshness of sources."""

import re
from datetime import date
from xml.etree import ElementTree

import polars as pl
import pytest

from api.children.child_view import child_view
from api.children.published import current
from api.children.timeline_lanes import lanes_of
from api.children.timeline_svg import EDGE, FITS, LEAST_COLUMN, narrow_timeline_svg, timeline_svg
from indicators.rules import load_rules
from vocabulary.frames import FLAGS, INDICATORS, TIMELINE
from vocabulary.texts import text

SVG = {"svg": "http://www.w3.org/2000/svg"}


def lanes(observed, indicators=(), birth_year=2012, ranks=()):
    timeline = [(f"{year}-04-01", source, item, value) for year, source, item, value in observed]
    names = [name for name in TIMELINE if name != "person_id"]
    flags = [{"year": year, "rank": rank} for year, rank in ranks]
    rows = [dict(zip(("year", "indicator", "value", "level"), one, strict=True)) for one in indicators]
    return lanes_of(
        birth_year=birth_year,
        timeline=pl.DataFrame(timeline, names, orient="row").with_columns(pl.col("date").str.to_date())
        if timeline
        else pl.DataFrame(schema={name: TIMELINE[name] for name in names}),
        indicators=pl.DataFrame(rows, {**INDICATORS}),
        flags=pl.DataFrame(flags, {**FLAGS}),
        rules=load_rules(),
        language="ja",
    )


def parsed(lanes):
    return ElementTree.fromstring(str(timeline_svg(lanes, "ja")))


def test_a_timeline_goes_from_birth_to_eighteen_and_beyond_where_something_is_recorded():
    assert lanes([(2020, "school", "grade", "2")]).years == tuple(range(2012, 2031))
    assert lanes([(2010, "school", "grade", "2")]).years[0] == 2010
    assert lanes([(2020, "school", "grade", "2")], birth_year=None).years == (2020,)
    assert lanes([], birth_year=None).years == ()


def test_each_indicator_stands_in_one_lane_with_its_words_and_level():
    found = lanes(
        [(2020, "school", "days_absent", "24")],
        [(2020, "absence", 24.0, 2), (2020, "public_assistance", 1.0, 3), (2020, "consultations", 2.0, 1)],
    )
    assert {lane for lane, _ in found.cells} == {"school", "support", "contacts"}
    assert [(one.title, one.value, one.level) for one in found.cells["school", 2020].noted] == [("欠席", "年24日", 2)]


def test_that_records_go_on_is_not_a_record_of_school():
    observed = [(2014, "welfare", "tax_exempt", "0")]
    assert lanes(observed, [(2014, "records_stopped", 0.0, 0)]).cells == {}
    assert ("school", 2014) in lanes(observed, [(2014, "records_stopped", 1.0, 1)]).cells


def test_a_year_without_records_of_a_lane_is_drawn_as_that_and_not_as_nothing_noted():
    found = lanes(
        [(2020, "welfare", "tax_exempt", "0"), (2021, "welfare", "tax_exempt", "0")], [(2020, "tax_exempt", 0.0, 0)]
    )
    drawn = parsed(found)
    assert ("livelihood", 2021) not in found.cells
    dashes = drawn.findall(".//svg:path[@class='missing']", SVG)
    assert sum(path.attrib["d"].count("M") for path in dashes) == 2 * 6 - 1  # two years in six lanes, but one
    flat = [mark for mark in drawn.findall(".//svg:g[@class='mark']/svg:rect", SVG) if mark.attrib["height"] == "2"]
    assert len(flat) == 1


def test_another_school_is_marked_in_the_year_in_which_it_is_recorded():
    found = lanes(
        [
            (2019, "school", "school_code", "E01"),
            (2020, "school", "school_code", "E01"),
            (2022, "school", "school_code", "J02"),
        ]
    )
    assert found.moved() == (2022,)
    said = [title.text for title in parsed(found).iter("{http://www.w3.org/2000/svg}title")]
    assert f"2022 {text('child.moved', language='ja')}" in said
    assert "E01 2019–2020" in said


def test_on_a_narrow_screen_the_picture_begins_with_the_first_year_on_record_and_is_seen_whole():
    found = lanes([(year, "school", "grade", "2") for year in range(2014, 2027)], birth_year=2009, ranks=[(2026, 3)])
    drawn = ElementTree.fromstring(str(narrow_timeline_svg(found, "ja")))
    assert int(drawn.attrib["width"]) == FITS
    said = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert [one for one in said if one.startswith("20")] == ["2026", "2024", "2022", "2020", "2018", "2016", "2014"]
    assert {"5", "17", "◆3"} <= set(said)
    assert not {"4", "18"} & set(said)
    whole = [one.text for one in parsed(found).iter("{http://www.w3.org/2000/svg}text")]
    assert {str(year) for year in range(2009, 2028)} <= set(whole)


def test_fourteen_years_are_seen_whole_on_a_screen_of_320_pixels():
    edges = 2 * 16  # of the page
    found = lanes([(2000 + year, "school", "grade", "2") for year in range(14)], birth_year=None)
    assert int(ElementTree.fromstring(str(narrow_timeline_svg(found, "ja"))).attrib["width"]) <= 320 - edges


@pytest.mark.parametrize("years", [0, 1, 3, 18, 30])
def test_no_year_is_too_narrow_to_be_read(years):
    found = lanes([(2000 + year, "school", "grade", "2") for year in range(years)], birth_year=None)
    drawn = ElementTree.fromstring(str(narrow_timeline_svg(found, "ja")))
    assert int(drawn.attrib["width"]) == max(FITS, LEAST_COLUMN * years + 2 * EDGE)
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}text"))) >= 9


def test_a_school_code_is_drawn_where_there_is_room_for_it():
    found = lanes([(2020, "school", "school_code", "LONG-CODE-1")], birth_year=2009)
    assert "LONG-CODE-1" in [title.text.split()[0] for title in parsed(found).iter("{http://www.w3.org/2000/svg}title")]
    assert "LONG-CODE-1" not in [one.text for one in parsed(found).iter("{http://www.w3.org/2000/svg}text")]


def test_a_picture_has_a_name_and_words_and_no_style(workspace):
    published = current(workspace, actor="os:test")
    view = child_view(published, published.child("p00003"), "ja")
    for picture in (view.picture, view.narrow_picture, *view.charts.values()):
        drawn = ElementTree.fromstring(str(picture))
        named = drawn.attrib["aria-labelledby"].split()
        assert drawn.attrib["role"] == "img"
        assert [one.attrib["id"] for one in drawn[:2]] == named
        assert all(one.text for one in drawn[:2])
        assert " style=" not in picture
        assert "<style" not in picture


def test_what_is_in_a_school_code_is_drawn_as_text():
    picture = str(timeline_svg(lanes([(2020, "school", "school_code", "<b>&")]), "ja"))
    assert "<b>" not in picture
    assert "&lt;b&gt;&amp;" in picture


def test_the_view_tells_the_usual_range_the_basis_and_how_fresh_each_source_is(workspace):
    published = current(workspace, actor="os:test")
    view = child_view(published, published.child("p00003"), "ja")
    assert view.usual["absence"] == "年1日 – 年6日"
    assert [one.year for one in view.judged if one.scope == "overall"] == [2025, 2024]
    assert view.judged_in(2025)["attendance"].basis == ("欠席が多い年度です。",)
    assert [(one.source, one.records, one.last, one.is_behind) for one in view.seen] == [
        (source, 2, date(2025, 4, 1), False) for source in ("health", "school", "welfare")
    ]
    assert {one.title: one.values for one in view.observed}["算数数学偏差値"] == {2024: "48.5", 2025: "48.5"}
    assert [row["year"] for row in view.flags] == [2025]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_picture_has_a_table_beside_it(workspace, ask, language):
    page = ask(workspace, f"/children/p00003?lang={language}").text
    tables = re.findall(r"<caption>(.*?)</caption>", page)
    for key in ("timeline_title", "observed_caption", "indicator_caption", "sources_caption", "history_caption"):
        assert text(f"child.{key}", language=language) in tables
    assert text("child.judgement_caption", language=language, year=2025) in tables
