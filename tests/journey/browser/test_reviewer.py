"""Who reviews links: from the queue through one pair to what was decided, and back by undoing it."""

import pytest

from tests.journey.browser.site import faults

pytestmark = pytest.mark.slow


def test_a_pair_is_decided_and_undone(site):
    page = site.page("support-worker", "/reviews")
    waiting = page.locator("tbody tr").count()
    assert waiting > 0
    assert faults(page) == ""
    page.locator("tbody th a").first.click()
    assert faults(page) == ""

    page.locator("main form button").first.click()
    assert page.locator(".summary a[href='#verdict']").count() == 1
    page.locator("input[name=verdict][value=different]").check()
    page.locator("#reason").fill("Other guardians at another address.")
    page.locator("main form button").first.click()
    assert page.locator(".summary").count() == 0

    page.goto("/reviews/decided")
    assert page.locator("tbody tr").count() == 1
    assert faults(page) == ""
    page.locator("form[action$='/undo'] input").fill("Looked at the wrong line.")
    page.locator("form[action$='/undo'] button").click()
    assert page.locator("form[action$='/undo']").count() == 0
    page.goto("/reviews")
    assert page.locator("tbody tr").count() == waiting
