"""A support worker's way from the invitation to a case closed and reopened: by keyboard alone, without script."""

from datetime import date, timedelta

import pyotp
import pytest

from governance import accounts, cases
from governance.account_state import Role
from tests.accounts import ADMINISTRATOR
from tests.journey.browser.site import press, tab_to, type_into

pytestmark = pytest.mark.slow

NAME, PASSWORD = "hinata", "kumo-himawari-7-tsukue"


def set_up_and_sign_in(page, token):
    page.goto(f"/set-up/{NAME}")
    type_into(page, "#token", token)
    type_into(page, "#password", PASSWORD)
    type_into(page, "#again", PASSWORD)
    press(page, "main button")
    type_into(page, "#name", NAME)
    type_into(page, "#password", PASSWORD)
    press(page, "main button")
    secret = page.locator("ol code").inner_text().replace(" ", "")
    type_into(page, "#code", pyotp.TOTP(secret).now())
    press(page, "main button")


def open_step(page, step):
    """Unfold the form of a step where it is folded, from the top of the page on."""
    page.goto(page.url.partition("?")[0])
    form = f"form[action$='/{step}']"
    if not page.locator(form).is_visible():
        tab_to(page, f"summary:has(+ {form})")
        page.keyboard.press("Enter")
    return form


def test_from_the_invitation_to_a_case_reopened(site):
    token = accounts.add(site.workspace, NAME, Role.SUPPORT_WORKER, actor=ADMINISTRATOR).token
    page = site.context(java_script_enabled=False).new_page()
    set_up_and_sign_in(page, token)
    assert page.url.endswith("/flags")

    tab_to(page, "select[name=judgement]")
    page.keyboard.press("ArrowDown")
    press(page, "form.filters button")
    assert "judgement=" in page.url
    assert page.locator("tbody input[name=person_id]").count() > 0
    tab_to(page, "input[name=person_id]")
    person = page.locator(":focus").get_attribute("value")
    page.keyboard.press("Space")
    press(page, "form[action='/cases'] p button")
    assert "/cases/" in page.url
    case_id = page.url.rpartition("/")[2].partition("?")[0]

    press(page, f"a[href='/children/{person}']")
    assert page.locator("#timeline svg:visible").count() == 1
    assert page.locator(".panel").filter(has_text=case_id).count() == 1
    press(page, f"a[href='/cases/{case_id}']")

    form = open_step(page, "assess")
    tab_to(page, f"{form} [name=choice]")
    page.keyboard.press("Space")
    type_into(page, f"{form} textarea", "The school was asked how mornings go.")
    press(page, f"{form} button")
    assert page.locator("[role=status]").count() == 1

    form = open_step(page, "plan")
    type_into(page, f"{form} textarea", "Visit together with the teacher.")
    type_into(page, f"{form} [name=who]", "Teacher")
    type_into(page, f"{form} [name=what]", "Calls on Mondays")
    press(page, f"{form} button")
    assert "Calls on Mondays" in page.locator(".panel table").inner_text()

    form = open_step(page, "follow_up")
    due = date.today() + timedelta(days=30)
    tab_to(page, f"{form} [name=due]")
    page.keyboard.type(due.strftime("%m%d%Y"))
    press(page, f"{form} button")
    assert due.isoformat() in page.locator("dl.facts").inner_text()

    form = open_step(page, "close")
    tab_to(page, f"{form} [name=choice]")
    page.keyboard.press("Space")
    press(page, f"{form} button")
    assert not cases.find(site.workspace, case_id).is_open

    page.goto(f"/cases/{case_id}")  # closing leads back to one's own cases
    form = open_step(page, "reopen")
    type_into(page, f"{form} textarea", "The school called again.")
    press(page, f"{form} button")
    assert cases.find(site.workspace, case_id).is_open
    assert page.locator(".history > li").count() == 7


def test_what_is_missing_in_a_form_is_said_where_it_is(site):
    """The browser's own check is passed over, as by one that has none."""
    page = site.page("support-worker", "/cases/new")
    page.locator("main form").evaluate("one => { one.noValidate = true; }")
    page.locator("#person_id").fill("nobody")
    page.locator("main form button").click()
    summary = page.locator(".summary")
    assert summary.get_attribute("role") == "alert"
    link = summary.locator("a").first
    field = page.locator(link.get_attribute("href"))
    assert field.get_attribute("aria-invalid") == "true"
    said = page.locator(f"#{field.get_attribute('aria-describedby').split()[-1]}").inner_text()
    assert link.inner_text() in said
    link.click()
    assert field.evaluate("one => one === document.activeElement")
