"""On paper: what a browser prints of the list and of a child is A4 and for readers; the PDF files are tagged."""

import re

import pytest

from tests.unit.mimamori.pdf_reader import objects, text

pytestmark = pytest.mark.slow

UPRIGHT, ACROSS = (595, 842), (842, 595)
"""A4, in points."""

CUT = """() => [...document.querySelectorAll('.scroll, table, svg')]
  .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(one => one.outerHTML.slice(0, 120))"""
"""What reaches over the right edge of the paper."""

PAPER = {"width": 718, "height": 1000}
"""An upright A4 between margins of 10 mm, in CSS pixels."""


def sizes(document):
    """Width and height of each page, in whole points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*\]", objects(document))
    return [(round(float(right)), round(float(top))) for _, _, right, top in boxes]


@pytest.fixture
def worker(site):
    return site.page("support-worker", "/flags", accept_downloads=True)


@pytest.fixture
def child(worker):
    """A child in the worker's hands."""
    if worker.locator("tbody a[href^='/children/']").count() == 0:
        worker.locator("input[name=person_id]").first.check()
        worker.locator("form[action='/cases'] p button").click()
        worker.goto("/flags")
    return worker.locator("tbody a[href^='/children/']").first.get_attribute("href")


@pytest.mark.parametrize("which", ["list", "child", "cases"])
def test_a_printed_page_fits_its_paper(worker, child, which):
    worker.goto({"list": "/flags", "child": child, "cases": "/cases"}[which])
    rows = worker.locator("tbody tr").count()
    worker.set_viewport_size(PAPER)
    worker.emulate_media(media="print")
    assert worker.evaluate(CUT) == []
    for unprinted in ("nav", "header form", "main form button", ".help", ".skip"):
        assert not any(one.is_visible() for one in worker.locator(unprinted).all()), unprinted
    printed = worker.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "10mm"))
    found = sizes(printed)
    assert all(one == pytest.approx(UPRIGHT, abs=1.5) for one in found)
    assert len(found) <= (10 if which == "child" else 3 + rows / 2)


@pytest.mark.parametrize("which", ["list", "child"])
def test_a_pdf_for_a_conference_is_tagged(worker, child, which):
    worker.goto("/flags")
    path = worker.locator("a[href^='/flags.pdf']").get_attribute("href") if which == "list" else f"{child}.pdf"
    answer = worker.request.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    pdf = objects(answer.body())
    for tagged in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"/Title", b"/TH"):
        assert tagged in pdf, tagged
    found = sizes(answer.body())
    assert all(one == pytest.approx(ACROSS if which == "list" else UPRIGHT, abs=1.5) for one in found)
    assert len(found) <= 8
    assert child.rpartition("/")[2] in text(answer.body())
