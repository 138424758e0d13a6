"""An operator's way: a delivery, a run started and followed to its end, what was set aside, and two runs compared."""

import re
import shutil

import pytest

from governance.runs import list_runs
from tests.journey.browser.site import faults

pytestmark = pytest.mark.slow

PATIENCE = 180
"""Looks, one a second, within which a run of the small city ends."""


@pytest.fixture
def faulty_delivery(site, city):
    """A delivery in which one row of the schools cannot be read."""
    folder = shutil.copytree(city / "delivery", site.workspace.path / "deliveries" / "may")
    file = folder / "school.csv"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines, lines[-1].split(b",")[0] + b"\n"]))
    return folder.name


def followed(page):
    """Look at a run's page until it has ended."""
    for _ in range(PATIENCE):
        if page.locator("form[action$='/stop']").count() == 0:
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError(f"not ended: {page.locator('main').inner_text()}")


def test_from_a_delivery_to_two_runs_compared(site, faulty_delivery):
    page = site.page("operator", "/runs", accept_downloads=True)
    page.locator("main a.button").first.click()
    page.get_by_role("link", name=faulty_delivery).click()
    assert page.locator("tbody tr").count() == 3
    page.locator("#approval:enabled, [name=approval]:enabled").first.check()
    page.locator("form[action='/runs/jobs'] button").click()
    assert re.search(r"/runs/jobs/[^/]+$", page.url)
    assert faults(page) == ""
    followed(page)
    newest = max(run.run_id for run in list_runs(site.workspace))  # ids begin with the time
    assert len(list_runs(site.workspace)) == 2
    page.locator(f"main a[href='/runs/{newest}']").first.click()
    assert faults(page) == ""

    page.goto(f"/runs/{newest}/rejects")
    with page.expect_download() as download:
        page.locator("form.send-back button").first.click()
    sent_back = download.value.path().read_text("utf-8-sig").splitlines()
    assert len(sent_back) >= 2
    assert faults(page) == ""

    page.goto("/runs")
    page.locator("main a[href='/runs/compare']").click()
    assert faults(page) == ""


def test_an_operator_is_led_to_no_child(site):
    page = site.page("operator", "/runs")
    addresses = page.locator("header nav a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert "/flags" not in addresses
    assert "/cases" not in addresses
    assert page.goto("/flags").status == 403
