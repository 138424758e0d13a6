"""The evaluation's page as the command writes it, in a real browser: whole, accessible, within its window."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.journey.conftest import mimamori

pytestmark = pytest.mark.slow

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
SECTIONS = ["list", "rules", "score", "groups", "linkage", "sources", "costs", "links", "limits"]


@pytest.fixture(scope="module", params=["ja", "en"])
def report(ran, city, tmp_path_factory, request):
    out = tmp_path_factory.mktemp("report")
    options = ("--sensitivity", "--cost-false", "8", "--out", out, "--workspace", ran.workspace)
    done = mimamori("evaluate", ran.run, "--truth", city / "truth", *options, language=request.param)
    assert done.returncode == 0, done.stderr
    return request.param, out / f"{ran.run}.html", json.loads((out / f"{ran.run}.json").read_text(encoding="utf-8"))


def test_every_section_is_there_and_reached_from_the_contents(report):
    _, file, _ = report
    page = file.read_text(encoding="utf-8")
    anchors = re.findall(r'<a href="#(\w+)">', page.split("</nav>")[0].split("<nav")[1])
    assert [anchor for anchor in anchors if anchor != "labels"] == SECTIONS
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    assert page.count('class="see"') >= 8


def test_the_figures_hold_what_was_asked(report):
    _, _, figures = report
    assert figures["harm"]["assumptions"] == {"case": 3.0, "wrong": 8.0, "missed": 40.0}
    assert {(each["source"], each["column"]) for each in figures["sensitivity"]["dropped"]} >= {
        ("school", "*"),
        ("school", "days_absent"),
        ("welfare", "*"),
    }
    assert [each["capacity"] for each in figures["flags"]["capacities"]] == [0.005, 0.01, 0.02, 0.05, 0.1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(report, scheme):
    language, file, _ = report
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for width in WIDTHS.values():
            page = browser.new_page(color_scheme=scheme, viewport=width)
            page.goto(file.as_uri())
            for details in page.locator("details").all():
                details.evaluate("one => one.open = true")
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.lang") == language
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
