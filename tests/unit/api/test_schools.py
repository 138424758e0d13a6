"""Schools by name: wherever a page or paper has a school's code, what the city calls it stands with it."""

import html

import pytest

from api.app import create_app
from tests.unit.api.swept import Visitor, staff
from tests.unit.mimamori.pdf_reader import text
from vocabulary.errors import SpecificationError
from vocabulary.schools import FILE

NAME = "第二<小>学校"


@pytest.fixture
def named(workspace):
    folder = workspace.path / "sources"
    folder.mkdir()
    (folder / FILE).write_text(f"code,name,name_en\nS2,{NAME},Second <School>\n", encoding="utf-8")
    return workspace


@pytest.mark.parametrize("path", ["/flags", "/flags?school=S2", "/flags/p00003", "/children/p00003", "/flags/counts"])
@pytest.mark.parametrize(("language", "shown"), [("ja", f"{NAME}(S2)"), ("en", "Second <School> (S2)")])
def test_a_school_is_shown_by_its_name_and_code(named, ask, path, language, shown):
    page = ask(named, f"{path}{'&' if '?' in path else '?'}lang={language}").text
    assert html.escape(shown) in page
    assert shown not in page, "a name is only ever text"


def test_the_filter_asks_by_the_code(named, ask):
    page = ask(named, "/flags?school=S2").text
    assert f'<option value="S2" selected>{html.escape(NAME)}(S2)</option>' in page
    assert '<option value="S1">S1</option>' in page, "without a name, by its code"
    assert "p00003" in page
    assert "p00002" not in page


@pytest.mark.parametrize("path", ["/flags.pdf?q=p0000", "/children/p00003.pdf"])
def test_papers_name_it_too(named, ask, path):
    paper = text(ask(named, path).content)
    assert f"{NAME}(S2)" in paper


def test_programs_and_files_have_the_code(named, ask):
    assert ask(named, "/api/v1/children/p00003").json()["school"] == "S2"
    assert ",S2," in ask(named, "/flags.csv").text
    assert NAME not in ask(named, "/flags.csv").text


@pytest.mark.parametrize(("name", "path"), [("school", "/account"), ("administrator", "/accounts")])
def test_accounts_are_shown_with_the_names_of_their_schools(named, name, path):
    staff(named, school="S2")
    assert html.escape(f"{NAME}(S2)") in Visitor(create_app(named), name).get(path).text


def test_names_that_are_not_well_formed_are_told_before_anything_is_served(named):
    (named.path / "sources" / FILE).write_text("code\nS2\n", encoding="utf-8")
    with pytest.raises(SpecificationError):
        create_app(named)
