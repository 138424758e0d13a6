"""The council's way: an approval that an operator asked for is confirmed, the log checked, its checkpoint kept."""

from datetime import date, timedelta

import pytest

from governance import register
from governance.approval_state import State
from tests.journey.browser.site import faults
from tests.journey.conftest import APPROVAL

pytestmark = pytest.mark.slow

ASKED = "autumn"


def asked_for(site):
    """An operator asks for an approval on the page; the page that shows it."""
    page = site.page("operator", "/approvals/request/new")
    today = date.today()
    written = APPROVAL.format(
        id=ASKED,
        valid_from=today - timedelta(days=1),
        valid_until=today + timedelta(days=90),
        limit='countersigned_by = ["school"]\n',
        sources='school = ["*"]',
    )
    page.locator("#toml").fill(written)
    page.locator("main form button").click()
    return page


def test_an_approval_is_asked_for_by_one_and_confirmed_by_another(site):
    page = asked_for(site)
    assert page.url.endswith(f"/approvals/{ASKED}"), page.locator("main").inner_text()
    assert page.locator("#confirm").count() == 0
    council = site.page("council", "/approvals")
    council.get_by_role("link", name=ASKED).first.click()
    assert faults(council) == ""
    council.locator("#confirm").click()
    assert council.locator("#confirm").count() == 0
    page = site.page("data-owner", f"/approvals/{ASKED}")
    page.locator("#countersign").click()
    assert page.locator("#countersign").count() == 0
    (found,) = [one for one in register.list_approvals(site.workspace) if one.approval.id == ASKED]
    assert found.state is State.IN_FORCE


def test_the_log_is_checked_and_its_checkpoint_kept_and_compared(site):
    page = site.page("council", "/log", accept_downloads=True)
    assert faults(page) == ""
    page.locator("form[action='/log/verification'] button").click()
    for _ in range(60):
        if page.locator("form[action='/log/verification'] button").count():
            break
        page.wait_for_timeout(1000)
        page.goto("/log#verification")
        page.reload()
    assert page.locator("#verification .tag").inner_text()
    with page.expect_download() as download:
        page.locator("a.button[href='/log/checkpoint.txt']").click()
    kept = download.value.path().read_text("utf-8")
    assert kept.startswith("mimamori/run-log/")
    page.goto("/log/check")
    page.locator("#checkpoint").fill(kept)
    page.locator("form:has(#checkpoint) button").click()
    assert faults(page) == ""


def test_the_council_reaches_no_child(site):
    page = site.page("council", "/log")
    for path in ("/flags", "/cases", "/reviews"):
        assert page.goto(path).status == 403
