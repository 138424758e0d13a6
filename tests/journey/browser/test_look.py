"""Every page that links lead to, as each role: accessible, never wider than its window, told apart by its title."""

import re
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from tests.journey.browser.site import faults
from tests.unit.api.swept import PEOPLE

pytestmark = pytest.mark.slow

NARROW = {"width": 320, "height": 640}
"""As narrow as WCAG 1.4.10 asks for."""

SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""
"""The spacing of WCAG 1.4.12."""

WIDER = "() => document.documentElement.scrollWidth - innerWidth"
SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
  .filter(one => {
    const box = one.getBoundingClientRect();
    const inText = one.tagName === 'A' && getComputedStyle(one).display === 'inline' && one.closest('p, li, dd, td');
    const shown = box.width > 1 && box.height > 1;
    return shown && (box.height < 23.5 || box.width < 23.5) && !inText;
  }).map(one => one.outerHTML.slice(0, 120))"""
"""Targets smaller than WCAG 2.5.8 asks for; those within a line of text may be."""


def kind_of(path):
    """An address without what differs from one child, run or choice to the next."""
    parts = urlsplit(path)
    return re.sub(r"(?<=/)(?:[^/.]*\d[^/.]*|[a-z2-7]{16})(?=/|$)", "#", parts.path), "which=" in parts.query


def pages_of(page):
    """One page of each kind that links lead to, beginning with the sections."""
    waiting, seen = ["/", "/account"], set()
    while waiting:
        path = waiting.pop(0)
        if kind_of(path) in seen or "." in urlsplit(path).path:
            continue
        seen.add(kind_of(path))
        answer = page.goto(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        assert answer.status == 200, f"{path}: {answer.status}"
        yield urlsplit(page.url).path
        links = page.locator("a[href]").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        base = page.url
        found = (urldefrag(urljoin(base, link))[0] for link in links)
        root = base.partition(urlsplit(base).path)[0]
        waiting += [one.removeprefix(root) for one in found if one.startswith(root) and one not in seen]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_of_a_role(site, name, scheme):
    language = {"light": "ja", "dark": "en"}[scheme]
    context = site.context(name, language=language, color_scheme=scheme, bypass_csp=True)  # for the style sheet below
    walking, page = context.new_page(), context.new_page()
    titles = {}
    for path in pages_of(walking):
        if walking.locator("header.top").count() == 0:
            continue  # a paper that is shown as it is printed
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(walking.url)
        titles.setdefault(page.title(), set()).add(kind_of(path))
        assert page.locator("h1").count() == 1, path
        assert page.locator("main").count() == 1, path
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("details.help summary").count() == 1, path
        assert page.evaluate(SMALL) == [], path
        assert faults(page) == "", path
        page.set_viewport_size(NARROW)
        assert page.evaluate(WIDER) <= 0, path
        assert faults(page) == "", path
        page.add_style_tag(content=SPACED)
        assert page.evaluate(WIDER) <= 0, f"{path}, spaced"
    assert len(titles) >= 4
    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}
    context.close()


def test_the_sections_are_folded_where_the_window_is_narrow(site):
    page = site.page("support-worker", "/flags", viewport=NARROW, java_script_enabled=False)
    section = page.locator(".sections a").first
    assert not section.is_visible()
    page.locator(".sections summary").click()
    assert section.is_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/flags")
    assert section.is_visible()
    assert not page.locator(".sections summary").is_visible()


def test_the_filters_are_folded_where_the_window_is_narrow(site):
    page = site.page("support-worker", "/flags?sort=grade", viewport=NARROW, java_script_enabled=False)
    fold, first, row = (
        page.locator(".filters summary"),
        page.locator(".filters select").first,
        page.locator("table.list"),
    )
    assert "Grade" in fold.inner_text()
    assert not first.is_visible()
    assert fold.bounding_box()["height"] < 120
    fold.focus()
    page.keyboard.press("Enter")
    assert first.is_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/flags?sort=grade")
    assert first.is_visible()
    assert not fold.is_visible()
    page.locator(".filters button").click()
    row.wait_for(state="visible")
    assert "sort=grade" in page.url


def test_the_skip_link_leads_past_the_sections(site):
    page = site.page("support-worker", "/flags")
    page.keyboard.press("Tab")
    assert page.locator(":focus").evaluate("one => one.matches('.skip') && one.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("id") == "content"


def test_the_list_takes_the_room_of_a_wall(site):
    page = site.page("support-worker", "/flags", viewport={"width": 2560, "height": 1440})
    assert page.locator("table.list").evaluate("one => one.getBoundingClientRect().width") > 2000
    lines = page.locator(".reasons li").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert lines
    assert max(lines) <= 1000
