"""A school's head sees the children of that school, and nobody else's."""

from itertools import chain

import pytest

from governance.account_roles import set_schools
from tests.accounts import ADMINISTRATOR
from tests.journey.browser.site import faults

pytestmark = pytest.mark.slow


def listed(page, query=""):
    """The children of the list in every year, by year."""
    page.goto(f"/flags?{query}")
    years = page.locator("select[name=year] option").evaluate_all("all => all.map(one => one.value)")
    found = {}
    for year in years:
        page.goto(f"/flags?year={year}&{query}")
        found[year] = page.locator("tbody th code").all_inner_texts()
    return found


@pytest.fixture(scope="module")
def school(site):
    """A school of whose children some are listed; the head's account is of it."""
    page = site.page("support-worker", "/flags")
    schools = page.locator("select[name=school] option").evaluate_all("all => all.map(one => one.value)")
    code = next(one for one in schools if one)
    set_schools(site.workspace, "school", [code], actor=ADMINISTRATOR)
    return code


def test_the_list_is_of_the_own_school(site, school):
    page = site.page("school", "/flags")
    assert faults(page) == ""
    assert page.locator("input[name=person_id]").count() == 0  # schools take no cases
    shown = listed(page)
    assert any(shown.values())
    assert shown == listed(site.page("support-worker", "/flags"), f"school={school}")


def test_a_child_of_another_school_is_not_opened(site, school):
    page = site.page("school", "/flags")
    own = set(chain(*listed(page).values()))
    other = set(chain(*listed(site.page("support-worker", "/flags")).values())) - own
    assert page.goto(f"/children/{min(own)}").status == 200
    assert page.locator("#timeline svg:visible").count() == 1
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator("#timeline svg:visible").get_attribute("class") == "timeline-narrow"
    assert page.locator("#timeline .scroll").first.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.locator("a[href^='/reviews']").count() == 0
    for path in (f"/children/{min(other)}", f"/children/{min(other)}.pdf", f"/flags/{min(other)}"):
        answer = page.goto(path)
        assert answer.status in (403, 404), path
        assert "<svg" not in answer.text()
